"""Dumps by the real tool of what MariaDB has, compared with the baselines of their databases."""

from __future__ import annotations

from collections.abc import Callable

from tests.field.case import Case, fails, of, passes
from tests.field.held import Held

_COMMENTS = """\
CREATE TABLE t (id int PRIMARY KEY, n int);
INSERT INTO t VALUES (1, 1), (2, 2);
DELIMITER $$
CREATE PROCEDURE counted()
BEGIN
  -- twice, since the ledger is read twice; see there
  # an older kind of comment
  /* a block; with a semicolon, and it's quoted */
  UPDATE t SET n = n + 1; -- behind a statement
  SELECT 'no -- comment', "nor # this", '/* nor this */';
END$$
CREATE TRIGGER positive BEFORE INSERT ON t FOR EACH ROW
BEGIN
  -- nothing below zero
  /* don't let it */
  SET NEW.n = ABS(NEW.n);
END$$
CREATE FUNCTION ends() RETURNS varchar(40) DETERMINISTIC
BEGIN
  -- a ;; in a comment, and $$$ too
  RETURN ';; //';
END$$
DELIMITER ;
"""
_FEATURES = """\
CREATE TABLE ids (id uuid PRIMARY KEY DEFAULT uuid(), ip inet6, v4 inet4, hidden int INVISIBLE DEFAULT 5, doc json,
  n int CHECK (n BETWEEN 0 AND 1000), note varchar(200) COMPRESSED, bits bit(7), y year, t time(3));
INSERT INTO ids (ip, v4, doc, n, note, bits, y, t)
  SELECT CONCAT('2001:db8::', HEX(seq)), CONCAT('192.0.2.', seq), JSON_OBJECT('k', seq), seq, REPEAT('x', seq), seq,
    1990 + seq, SEC_TO_TIME(seq * 100 + 0.25) FROM seq_1_to_20;
CREATE TABLE stays (id int, room int, f date, u date, PERIOD FOR stay (f, u), PRIMARY KEY (id),
  UNIQUE (room, stay WITHOUT OVERLAPS));
INSERT INTO stays VALUES (1, 1, '2026-01-01', '2026-02-01'), (2, 1, '2026-02-01', '2026-03-01');
CREATE TABLE parts (id int, d date, v int AS (id * 2) STORED, w int AS (id + 1) VIRTUAL, KEY (w))
  PARTITION BY RANGE COLUMNS (d)
  (PARTITION p0 VALUES LESS THAN ('2026-01-01'), PARTITION p1 VALUES LESS THAN (MAXVALUE));
INSERT INTO parts (id, d) SELECT seq, '2025-12-20' + INTERVAL seq DAY FROM seq_1_to_30;
CREATE TABLE words (id int PRIMARY KEY, body text, FULLTEXT (body)) ENGINE=Aria TRANSACTIONAL=1;
INSERT INTO words SELECT seq, CONCAT('word ', seq) FROM seq_1_to_10;
CREATE SEQUENCE numbers START 10 INCREMENT 5 CACHE 10;
SELECT NEXTVAL(numbers);
CREATE VIEW all_of_them AS SELECT id, n FROM ids;
CREATE VIEW some_of_them AS SELECT id FROM all_of_them WHERE n > 3 WITH CHECK OPTION;
SET sql_mode = ORACLE;
DELIMITER //
CREATE PACKAGE pk AS FUNCTION twice(a int) RETURN int; END;
//
CREATE PACKAGE BODY pk AS FUNCTION twice(a int) RETURN int AS BEGIN RETURN a * 2; END; END;
//
CREATE PROCEDURE ora(a IN OUT int) AS v int := 5; BEGIN a := a + v; END;
//
DELIMITER ;
"""
_HISTORY = """\
CREATE TABLE prices (id int PRIMARY KEY, price decimal(8,2)) WITH SYSTEM VERSIONING;
SET timestamp = 1767000000;
INSERT INTO prices VALUES (1, 10), (2, 20);
SET timestamp = 1767000100;
UPDATE prices SET price = price + 1;
SET timestamp = 1767000200;
DELETE FROM prices WHERE id = 2;
"""
_VECTORS = """\
CREATE TABLE places (id int PRIMARY KEY, at vector(3) NOT NULL, VECTOR INDEX (at));
INSERT INTO places VALUES (1, VEC_FromText('[0.1,0.2,0.3]')), (2, VEC_FromText('[1,2,3]'));
CREATE TABLE ids (id uuid PRIMARY KEY, ip inet6);
INSERT INTO ids VALUES ('a1b2c3d4-0000-11ee-8000-000000000001', '2001:db8::1');
"""
_ODD = """\
SET sql_mode = '';
CREATE TABLE zero (id int PRIMARY KEY, d date NOT NULL DEFAULT '0000-00-00',
  e enum('a', 'b''c', 'd\\\\e', 'ü') NOT NULL, s set('x', 'y z'), f double, y year);
INSERT INTO zero VALUES (1, '0000-00-00', '', 'x,y z', 1e-300, 1901), (2, '2026-00-00', 'ü', '', -0.0, 2155);
CREATE TABLE odd (
  `id` int unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s a "key"\\\\ with\\nnewline',
  `select` varchar(30) CHARACTER SET latin1 COLLATE latin1_german1_ci DEFAULT 'o''x',
  `a``b` int DEFAULT (1 + 2), `c d` varchar(10) DEFAULT '', u char(36) DEFAULT (uuid()),
  `üñí` text CHARACTER SET utf8mb3, bin varbinary(20) DEFAULT x'0041', bl blob DEFAULT 'x',
  gen varchar(45) AS (CONCAT(`select`, '-', `c d`)) STORED,
  PRIMARY KEY (id, `select`(5)), UNIQUE KEY `we ird` (`c d`, `a``b` DESC), KEY pre (`üñí`(10)),
  CONSTRAINT `chk it` CHECK (`a``b` > 0 AND `c d` <> 'bad''s')
) AUTO_INCREMENT=1000 COMMENT='percent % and under_score; semi';
INSERT INTO odd (`select`, `c d`, `üñí`, bl) VALUES ('ß', 'x', 'ключ', 'q'), ('a', 'y', NULL, 'r');
CREATE TABLE nokey (a int, b varchar(20), UNIQUE KEY (a));
INSERT INTO nokey VALUES (1, 'x'), (NULL, 'y'), (NULL, 'y');
CREATE TABLE self (id int PRIMARY KEY, parent int, FOREIGN KEY (parent) REFERENCES self (id) ON DELETE SET NULL);
INSERT INTO self VALUES (1, NULL), (2, 1);
SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES';
CREATE FUNCTION ansi(a varchar(20)) RETURNS varchar(60) DETERMINISTIC RETURN a || 'back\\slash' || 'it''s';
SET sql_mode = DEFAULT;
CREATE EVENT ev ON SCHEDULE EVERY '1:30' HOUR_MINUTE STARTS '2026-01-01 00:00:00' DISABLE
  DO DELETE FROM self WHERE id < 0;
CREATE VIEW running AS WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c WHERE n < 5)
  SELECT n, SUM(n) OVER (ORDER BY n) AS s FROM c;
"""
_NAMED_AS_OURS = """\
CREATE TABLE kv (b varchar(20) PRIMARY KEY, v int);
INSERT INTO kv SELECT CONCAT('key ', seq), seq FROM seq_1_to_50;
CREATE TABLE both_of (`row` varchar(20), `digest` varchar(20), n int, PRIMARY KEY (`row`, `digest`));
INSERT INTO both_of SELECT CONCAT('r', seq), CONCAT('d', seq), seq FROM seq_1_to_50;
CREATE TABLE counted (`count` char(8) PRIMARY KEY, `key` int, `bucket` int);
INSERT INTO counted SELECT HEX(seq), seq, seq FROM seq_1_to_50;
"""


def _replaced(old: str, new: str) -> Callable[[str], str]:
    """Return an edit that changes what is there, and fails where it is not."""

    def edit(dump: str) -> str:
        assert old in dump, dump
        return dump.replace(old, new)

    return edit


def _case(number: str, seen: str, held: Held, what: str, old: str, new: str, otherwise: str, *told: str) -> Case:
    """Return a case of a database that comes back as it was, and one of its dump edited."""
    edited = Held(
        database=held.database, sql=held.sql, series=held.series, options=held.options, edit=_replaced(old, new)
    )
    return Case(number=number, seen=seen, tried=of(held, passes, what), twin=of(edited, fails, otherwise, *told))


CASES = (
    _case(
        "c20c",
        "docker-library/mysql#718; phpmyadmin/phpmyadmin#11717",
        Held(database="notes", sql=_COMMENTS),
        "comments in routines and triggers",
        "  -- twice, since the ledger is read twice; see there\n",
        "",
        "a comment in a routine lost",
        "object-changed",
    ),
    _case(
        "c32",
        "mydumper/mydumper#932; MariaDB's MDEV-16029",
        Held(database="prices", sql=_HISTORY, options=("--dump-history",)),
        "system-versioned rows with --dump-history",
        "11.00",
        "12.00",
        "the same, a price changed in the dump",
        "rows-changed",
    ),
    Case(
        number="c32h",
        seen="mydumper/mydumper#932; MariaDB's MDEV-16029",
        tried=of(
            Held(database="prices", sql=_HISTORY),
            passes,
            "system-versioned rows, whose history the dump does not have",
            says=("history",),
        ),
        twin=of(
            Held(database="prices", sql=_HISTORY, edit=_replaced("(1,11.00)", "(3,11.00)")),
            fails,
            "the same, a current row changed",
            "rows-missing",
        ),
    ),
    _case(
        "c32f",
        "MariaDB's release notes",
        Held(database="feat", sql=_FEATURES),
        "UUID, INET, periods, partitions, sequences, packages",
        "'word 7'",
        "'word 8'",
        "the same, a word changed",
        "rows-changed",
    ),
    _case(
        "c32v",
        "MariaDB's release notes",
        Held(database="vectors", sql=_VECTORS, series="11.8"),
        "vectors, in 11.8",
        "2001:db8::1",
        "2001:db8::2",
        "the same, an address changed",
        "rows-changed",
    ),
    _case(
        "c62",
        "drtool's own baselines of a generated schema",
        Held(database="named", sql=_NAMED_AS_OURS),
        "columns and keys with the names of our own",
        "('key 7',7)",
        "('key 7',8)",
        "the same, a value changed",
        "rows-changed",
    ),
    _case(
        "c63",
        "drtool's own baselines of a generated schema",
        Held(database="trip", sql=_ODD),
        "odd defaults, names, modes, comments and zero dates",
        "percent % and",
        "per cent % and",
        "a table's comment changed",
        "object-changed",
    ),
    _case(
        "c63b",
        "drtool's own baselines of a generated schema",
        Held(database="trip", sql=_ODD, series="11.8"),
        "the same in 11.8",
        "back\\slash",
        "back/slash",
        "a function changed",
        "object-changed",
    ),
)
