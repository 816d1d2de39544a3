"""Tables in engines that the server at hand does not have."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, verify
from tests.field.dumps import SHOP, dump, table

_SUBSTITUTED = "matomo-org/matomo#8824; cloudfoundry/cf-mysql-release#192"
_COLUMNS = "`id` int(11) NOT NULL,\n  `label` varchar(40) NOT NULL"
_KEYED = f"{_COLUMNS},\n  PRIMARY KEY (`id`)"
_ROWS = tuple(f"{number},'label {number}'" for number in range(1, 11))
_ELSEWHERE = "CONNECTION='mysql://reader@192.0.2.7:3306/shop/labels'"


def _with(options: str, *, columns: str = _KEYED, rows: tuple[str, ...] = _ROWS) -> Input:
    return verify("shop.sql", {"shop.sql": dump(SHOP, table("labels", columns, rows, options=options))})


def _in_engine(
    number: str, name: str, options: str, twin: str, *, columns: str = _KEYED, says: tuple[str, ...] = ("labels",)
) -> Case:
    """Return a case of an engine that the server lacks; the twin has one that is built into it."""
    return Case(
        number=number,
        seen=_SUBSTITUTED,
        tried=fails(f"a table in {name}", _with(options, columns=columns), "engine-missing", says=(*says, name)),
        twin=passes(f"the same table in {twin.partition('=')[2]}", _with(twin, columns=columns)),
    )


CASES = (
    _in_engine("c06", "ROCKSDB", "ENGINE=ROCKSDB", "ENGINE=InnoDB"),
    _in_engine("c06b", "Columnstore", "ENGINE=Columnstore", "ENGINE=Aria", columns=_COLUMNS),
    _in_engine("c06c", "ARCHIVE", "ENGINE=ARCHIVE", "ENGINE=MyISAM", columns=_COLUMNS),
    _in_engine("c06d", "FEDERATED", f"ENGINE=FEDERATED {_ELSEWHERE}", "ENGINE=MEMORY"),
    _in_engine("c06e", "BLACKHOLE", "ENGINE=BLACKHOLE", "ENGINE=InnoDB ROW_FORMAT=DYNAMIC"),
    _in_engine("c06f", "CONNECT", "ENGINE=CONNECT `TABLE_TYPE`='DOS'", "ENGINE=CSV", columns=_COLUMNS, says=()),
    _in_engine("c06g", "Mroonga", "ENGINE=Mroonga", "ENGINE=InnoDB COMMENT='engine \"mroonga\"'"),
)
