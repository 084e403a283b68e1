-- +goose Up
CREATE TABLE IF NOT EXISTS sessions (
    session    VARBINARY(128) NOT NULL PRIMARY KEY,
    viewer     VARBINARY(128) NOT NULL,
    started_at BIGINT         NOT NULL,
    visit      MEDIUMBLOB     NOT NULL,
    KEY sessions_by_viewer (viewer, started_at)
);

CREATE TABLE IF NOT EXISTS pages (
    session   VARBINARY(128) NOT NULL,
    page      INT            NOT NULL,
    viewer    VARBINARY(128) NOT NULL,
    served_at BIGINT         NOT NULL,
    items     INT            NOT NULL,
    numbers   BLOB           NOT NULL,
    body      MEDIUMBLOB     NOT NULL,
    PRIMARY KEY (session, page),
    KEY pages_by_viewer (viewer, served_at),
    KEY pages_by_serving (served_at, viewer)
);
