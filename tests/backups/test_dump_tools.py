# ruff: noqa: DTZ001, RUF001 (times without a zone; letters of other alphabets)
"""The tools that dumps are made with are known by their headers, and so is what these say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from drtool.backups.dump_tools import DumpHeader, Ending, read_header

PHPMYADMIN = """\
-- phpMyAdmin SQL Dump
-- version {release}
-- https://www.phpmyadmin.net/
--
-- {host}
-- {began}
-- {server}
-- PHP Version: 8.2.12

SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
"""
MYSQLDUMP_PHP = """\
-- mysqldump-php https://github.com/ifsnop/mysqldump-php
--
-- Host: localhost	Database: notes
-- ------------------------------------------------------
-- Server version \t10.11.6-MariaDB-0+deb12u1
-- Date: Sun, 29 Nov 2026 10:00:00 +0100

"""
PUMP = """\
-- Dump created by MySQL pump utility, version: 5.7.29, Linux (x86_64)
-- Dump start time: Thu Apr 23 18:45:19 2020
-- Server version: 5.7.29

SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0;
"""
HEIDISQL = """\
-- --------------------------------------------------------
-- Hôte:                         db1.example.org
-- Version du serveur:           10.6.16-MariaDB - mariadb.org binary distribution
-- SE du serveur:                Win64
-- HeidiSQL Version:             12.6.0.6765
-- --------------------------------------------------------

"""
HEIDISQL_OF_OLD = """\
# --------------------------------------------------------
# Host:                         127.0.0.1
# Database:                     actm
# Server version:               5.1.45-community
# Server OS:                    Win32
# HeidiSQL version:             5.0.0.3272
# Date/time:                    2010-07-27 13:10:33
# --------------------------------------------------------
"""
NAVICAT = """\
/*
 Navicat Premium Data Transfer

 Source Server         : prod
 Source Server Type    : MariaDB
 Source Server Version : {version}
 Source Host           : localhost:3306
 Source Schema         : notes

 Target Server Type    : MariaDB
 Target Server Version : 110402 (11.4.2-MariaDB)
 File Encoding         : 65001

 Date: {began}
*/

SET NAMES utf8mb4;
"""
SEQUEL = """\
# ************************************************************
# Sequel {kind} SQL dump
# {version}
#
# https://sequel-ace.com/
# https://github.com/Sequel-Ace/Sequel-Ace
#
# {host} 127.0.0.1 (MySQL 5.5.5-10.2.12-MariaDB)
# {database} notes
# {began}
# ************************************************************
"""
UPDRAFTPLUS = """\
# WordPress MySQL database backup
# Created by UpdraftPlus version 1.24.3 (https://updraftplus.com)
# WordPress Version: 6.5, running on PHP 8.2.12 (Apache/2.4.57), MySQL 10.6.18
# Backup of: https://shop.example.org
#
# Generated: Sunday 29. November 2026 10:00 UTC
# Hostname: localhost
# Database: `wp`
# --------------------------------------------------------
"""
BACKWPUP = """\
-- ---------------------------------------------------------
-- Backup with BackWPup ver.: 4.1.2
-- http://backwpup.com/
-- Database Name: wp
-- Backup on: 2026-11-29 10:00.07
-- ---------------------------------------------------------
"""
TABLEPLUS = """\
-- -------------------------------------------------------------
-- TablePlus 5.4.0(504)
--
-- https://tableplus.com/
--
-- Database: notes
-- Generation Time: 2026-11-29 10:00:16.0510
-- -------------------------------------------------------------
"""
SQLYOG = """\
/*
SQLyog Ultimate v12.3.3 (64 bit)
MySQL - 10.1.13-MariaDB : Database - notes
*********************************************************************
*/
"""
DBFORGE = """\
--
-- Скрипт сгенерирован Devart dbForge Studio 2020 for MySQL, Версия 9.0.505.0
-- Домашняя страница продукта: http://www.devart.com/ru/dbforge/mysql/studio
-- Дата скрипта: 28.11.2018 16:59:23
-- Версия сервера: 10.4.6
-- Версия клиента: 4.1
--
"""
GRUDL = """\
-- Created at 6.11.2016 14:05 using David Grudl MySQL Dump Utility
-- Host: www.example.org
-- MySQL Server: 5.5.5-10.1.16-MariaDB
-- Database: notes

SET NAMES utf8;
"""
GRANTS = """\
-- Grants dumped by pt-show-grants
-- Dumped from server Localhost via UNIX socket, MySQL 10.11.6-MariaDB-0+deb12u1 at 2026-11-29 10:00:00
-- Grants for 'app'@'%'
CREATE USER IF NOT EXISTS `app`@`%`;
"""
GO = """\
-- Go SQL Dump 0.6.0
--
-- Host: db    Database: shop
-- ------------------------------------------------------
-- Server version\t11.4.2-MariaDB

"""
ADMINISTRATOR = """\
-- MySQL Administrator dump 1.4
--
-- ------------------------------------------------------
-- Server version\t5.0.41-community-nt

"""
MIGRATE = """\
# WordPress MySQL database migration
#
# Generated: Wednesday 3. December 2025 15:45 UTC
# Hostname: 127.0.0.1
# Database: `wp`
# --------------------------------------------------------
"""
TEN = datetime(2026, 11, 29, 10)
TEN_UTC = TEN.replace(tzinfo=UTC)

MYSQLDUMPER = """\
-- Status:1:2:MP_0:notes:php:1.24.4:before the upgrade:10.4.21-MariaDB:1:::utf8:EXTINFO
--
-- TABLE-INFO
-- TABLE|notes|2|16384||InnoDB
-- EOF TABLE-INFO
--
-- Dump by MySQLDumper 1.24.4 (http://mysqldumper.net)
/*!40101 SET NAMES 'utf8' */;
SET FOREIGN_KEY_CHECKS=0;
-- Dump created: 2026-11-29 10:00
"""
PHPBB = (
    "#\n# phpBB Backup Script\n# Dump of tables for phpbb_\n# DATE : 29-11-2026 10:00:00 GMT\n#\n# Table: phpbb_acl\n"
)
SMF = f"# {'=' * 58}\n#\n# Database dump of tables in `notes`\n# November 29, 2026, 10:00:00 AM\n#\n# {'=' * 58}\n"
ALL_IN_ONE = (
    "-- All-in-One WP Migration SQL Dump\n-- https://servmask.com/\n--\n-- Host: db\n-- Database: wp\n"
    "-- Class: Ai1wm_Database_Mysqli\n--\n"
)
BACKUP_AND_MIGRATE = (
    "-- Backup and Migrate MySQL Dump\n-- http://github.com/backupmigrate\n--\n-- Host: db\n-- Database: notes\n"
    "-- Generation Time: Sun, 29 Nov 2026 10:00:00 +0000\n-- MySQL Version: 100432\n"
)
CODE_IGNITER = "#\n# TABLE STRUCTURE FOR: notes\n#\n\nDROP TABLE IF EXISTS `notes`;\n"


def told(text: str) -> DumpHeader:
    found = read_header(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "tool", "server", "series", "database", "began"),
    [
        (MYSQLDUMP_PHP, "mysqldump-php", "10.11.6-MariaDB-0+deb12u1", "10.11", "notes", TEN_UTC.replace(hour=9)),
        (PUMP, "MySQL pump utility, version: 5.7.29", "5.7.29", None, None, datetime(2020, 4, 23, 18, 45, 19)),
        (HEIDISQL, "HeidiSQL 12.6.0.6765", "10.6.16-MariaDB", "10.6", None, None),
        (HEIDISQL_OF_OLD, "HeidiSQL 5.0.0.3272", "5.1.45-community", None, None, datetime(2010, 7, 27, 13, 10, 33)),
        (UPDRAFTPLUS, "UpdraftPlus 1.24.3", "10.6.18", "10.6", "wp", TEN_UTC),
        (MIGRATE, "WordPress MySQL database migration", None, None, "wp", datetime(2025, 12, 3, 15, 45, tzinfo=UTC)),
        (BACKWPUP, "BackWPup 4.1.2", None, None, "wp", TEN.replace(second=7)),
        (TABLEPLUS, "TablePlus 5.4.0(504)", None, None, "notes", TEN.replace(second=16)),
        (SQLYOG, "SQLyog Ultimate v12.3.3", "10.1.13-MariaDB", "10.1", "notes", None),
        (DBFORGE, "dbForge Studio 2020 for MySQL 9.0.505.0", "10.4.6", "10.4", None,
         datetime(2018, 11, 28, 16, 59, 23)),
        (GRUDL, "David Grudl MySQL Dump Utility", "5.5.5-10.1.16-MariaDB", "10.1", "notes",
         datetime(2016, 11, 6, 14, 5)),
        (GRANTS, "pt-show-grants", "10.11.6-MariaDB-0+deb12u1", "10.11", None, TEN),
        (GO, "Go SQL Dump 0.6.0", "11.4.2-MariaDB", "11.4", "shop", None),
        (ADMINISTRATOR, "MySQL Administrator dump 1.4", "5.0.41-community-nt", None, None, None),
        (MYSQLDUMPER, "MySQLDumper 1.24.4", "10.4.21-MariaDB", "10.4", "notes", TEN),
        (PHPBB, "phpBB", None, None, None, TEN_UTC),
        (SMF, "Simple Machines Forum", None, None, "notes", TEN),
        (ALL_IN_ONE, "All-in-One WP Migration", None, None, "wp", None),
        (BACKUP_AND_MIGRATE, "Backup and Migrate", "10.4.32", "10.4", "notes", TEN_UTC),
        (CODE_IGNITER, "CodeIgniter", None, None, None, None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_header_says_tool_server_database_and_time(
    text: str, tool: str, server: str | None, series: str | None, database: str | None, began: datetime, line_end: str
) -> None:
    found = told(text.replace("\n", line_end))
    assert (found.tool_named, found.server_version, found.series) == (tool, server, series)
    assert (found.database, found.began) == (database, began)


@pytest.mark.parametrize(
    ("host", "began", "server"),
    [
        ("Host: localhost", "Generation Time: Nov 29, 2026 at 10:00 AM", "Server version: 10.4.32-MariaDB"),
        ("Servidor: localhost", "Tiempo de generación: 29-11-2026 a las 10:00:00",
         "Versión del servidor: 10.4.32-MariaDB"),
        ("Hôte : localhost", "Généré le : dim. 29 nov. 2026 à 10:00", "Version du serveur : 10.4.32-MariaDB"),
        ("Хост: localhost", "Время создания: Ноя 29 2026 г., 10:00", "Версия сервера: 10.4.32-MariaDB"),
        ("主机： localhost", "生成日期： 2026-11-29 10:00:00", "服务器版本： 10.4.32-MariaDB"),
    ],
)  # fmt: skip
def test_phpmyadmin_is_read_in_every_language(host: str, began: str, server: str) -> None:
    text = PHPMYADMIN.format(release="5.2.1", host=host, began=began, server=server)
    found = told(text + "--\n-- Base de datos: `tienda`\n--\n")
    assert (found.tool_named, found.tool.ending) == ("phpMyAdmin SQL Dump 5.2.1", Ending.SETTINGS)
    assert (found.host, found.series, found.began, found.database) == ("localhost", "10.4", TEN, "tienda")


@pytest.mark.parametrize(
    ("said", "series"),
    [("-- Adminer 4.8.1 MySQL 10.11.6-MariaDB dump", "10.11"),
     ("-- Adminer 5.1.0 MariaDB 11.4.2-MariaDB-ubu2404 dump", "11.4"),
     ("-- Adminer 4.7.9 MySQL dump", None), ("-- AdminerEvo 4.8.4 MySQL 10.6.12-MariaDB dump", "10.6")],
)  # fmt: skip
def test_adminer_ends_with_a_comment(said: str, series: str | None) -> None:
    found = told(f"{said}\n\nSET NAMES utf8;\n")
    assert (found.tool.name, found.tool.ending, found.series) == ("Adminer", Ending.COMMENT, series)


@pytest.mark.parametrize(
    ("version", "series"),
    [("100432 (10.4.32-MariaDB)", "10.4"), ("100432", "10.4"), ("110402", "11.4"), ("80030 (8.0.30)", None),
     ("50721", None), ("50505", None)],
)  # fmt: skip
def test_navicat_writes_the_version_as_a_number(version: str, series: str | None) -> None:
    assert told(NAVICAT.format(version=version, began="29/11/2026 10:00:00")).series == series


@pytest.mark.parametrize(
    ("began", "meant"), [("29/11/2026 10:00:00", TEN), ("11/29/2026 10:00:00 AM", TEN), ("05/06/2026 10:00:00", None)]
)
def test_what_navicat_writes_may_be_a_day_or_a_month(began: str, meant: datetime | None) -> None:
    found = told(NAVICAT.format(version="100432", began=began))
    assert (found.began, found.database, found.host) == (meant, "notes", "localhost:3306")


@pytest.mark.parametrize(
    ("kind", "version", "host", "database", "began"),
    [("Ace", "Version 20067", "Host:", "Database:", "Generation Time: 2026-11-29 10:00:00 +0000"),
     ("Pro", "Version 4541", "Host:", "Datenbank:", "Erstellungsdauer: 2026-11-29 11:00:00 +0100"),
     ("Ace", "版本号： 20080", "主机:", "数据库:", "生成时间: 2026-11-29 10:00:00 +0000")],
)  # fmt: skip
def test_sequel_is_read_in_every_language(kind: str, version: str, host: str, database: str, began: str) -> None:
    found = told(SEQUEL.format(kind=kind, version=version, host=host, database=database, began=began))
    assert (found.tool.name, found.series) == ("Sequel Ace", "10.2")
    assert (found.host, found.database, found.began) == ("127.0.0.1", "notes", TEN_UTC)


@pytest.mark.parametrize(
    "text",
    ["", "CREATE TABLE t (a int);\n", "-- a note\n", "INSERT INTO t VALUES ('-- phpMyAdmin SQL Dump');\n",
     "-- Made of a dump by phpMyAdmin\n", "/* Navicat */\n", "-- \n" * 1100 + MYSQLDUMP_PHP],
)  # fmt: skip
def test_what_is_of_no_known_tool_is_of_none(text: str) -> None:
    assert read_header(text) is None


def test_what_xorm_writes_for_mariadb_is_known_and_what_it_writes_for_others_is_not() -> None:
    said = read_header("/*Generated by xorm 2026-11-30 03:00:00, from sqlite3 to mysql*/\n\nCREATE TABLE `user`")
    assert said is not None
    assert (said.tool_named, said.began, said.tool.ending) == ("xorm", datetime(2026, 11, 30, 3), Ending.NOTHING)
    assert read_header("/*Generated by xorm 2026-11-30 03:00:00, from mysql to postgres*/\n") is None
