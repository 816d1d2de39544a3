"""Reads a page as a browser does, as far as the tests ask."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br", "hr", "input", "rect", "line", "path", "circle"}


class Page(HTMLParser):
    """A page that was read.

    Attributes:
        tags: every element with its attributes, in order.
        texts: every text with the names of the elements it lies in, the innermost last.
        unclosed: elements whose end tag never came, or came in a wrong order.
    """

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.unclosed: list[str] = []
        self._open: list[str] = []
        self.feed(document)
        self.close()
        self.unclosed += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter an element."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter an element that ends where it begins."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if not self._open or self._open.pop() != tag:
            self.unclosed.append(tag)

    def handle_data(self, data: str) -> None:
        """Enter a text."""
        self.texts.append((tuple(self._open), data))

    @property
    def text(self) -> str:
        """All that is to be read, each run of white space as one space."""
        shown = "".join(text for within, text in self.texts if "style" not in within)
        return " ".join(shown.split())

    def named(self, *names: str) -> list[dict[str, str | None]]:
        """Return the attributes of all elements of these names."""
        return [attributes for tag, attributes in self.tags if tag in names]
