-- +goose Up
CREATE TABLE IF NOT EXISTS viewers (
    viewer     VARBINARY(128) NOT NULL PRIMARY KEY,
    version    BIGINT         NOT NULL,
    changed_at BIGINT         NOT NULL,
    KEY viewers_by_change (changed_at, viewer)
);

CREATE TABLE IF NOT EXISTS ties (
    viewer   VARBINARY(128) NOT NULL,
    relation TINYINT        NOT NULL,
    author   VARBINARY(128) NOT NULL,
    at       BIGINT         NOT NULL,
    PRIMARY KEY (viewer, relation, author)
);

CREATE TABLE IF NOT EXISTS decisions (
    viewer    VARBINARY(128) NOT NULL,
    kind      TINYINT        NOT NULL,
    target    VARBINARY(128) NOT NULL,
    direction TINYINT        NOT NULL,
    at        BIGINT         NOT NULL,
    PRIMARY KEY (viewer, kind, target)
);

-- The viewers whose fast copy missed something.
CREATE TABLE IF NOT EXISTS repairs (
    viewer VARBINARY(128) NOT NULL PRIMARY KEY,
    marks  BIGINT         NOT NULL
);
