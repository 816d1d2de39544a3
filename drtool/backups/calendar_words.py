"""Names of days and months as jobs write them into names: in the language of the host that they run on."""

from __future__ import annotations

_MONTHS = (
    "jan|january|januar|jänner|janvier|enero|ene|gennaio|gen|janeiro|januari",
    "feb|february|februar|février|fevrier|fév|fev|febrero|febbraio|fevereiro|februari",
    "mar|march|märz|maerz|mär|mrz|mars|marzo|março|marco|maart|mrt",
    "apr|april|avril|avr|abril|abr|aprile",
    "may|mai|mayo|maggio|mag|maio|mei",
    "jun|june|juni|juin|junio|giugno|giu|junho",
    "jul|july|juli|juillet|juil|julio|luglio|lug|julho",
    "aug|august|août|aout|agosto|ago|augustus",
    "sep|sept|september|septembre|septiembre|settembre|setembro",
    "oct|october|oktober|okt|octobre|octubre|ottobre|ott|outubro",
    "nov|november|novembre|noviembre|novembro",
    "dec|december|dezember|dez|décembre|decembre|déc|diciembre|dic|dicembre|dezembro",
)
_DAYS = (
    "(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
    "|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag"
    "|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    "|lunes|martes|miércoles|miercoles|jueves|viernes|sábado|sabado|domingo"
    "|lunedì|lunedi|martedì|martedi|mercoledì|mercoledi|giovedì|giovedi|venerdì|venerdi|sabato|domenica"
    "|(?:segunda|terça|terca|quarta|quinta|sexta)(?:-feira)?"
    "|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag"
)

MONTH_NUMBERS = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split("|")}
"""The number of a month by each of its names, in small letters."""

MONTH = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))
"""A regular expression of all names of months, the longest first, for where a day and a year stand beside them."""

_LONG = 5

MONTH_ALONE = "|".join(word for word in MONTH_NUMBERS if len(word) >= _LONG and word != "marco")
"""The same of those that are hardly anything else by themselves: `set`, `mars` and `out` are."""

DAY = f"(?:{_DAYS})"
"""A regular expression of all names of days."""
