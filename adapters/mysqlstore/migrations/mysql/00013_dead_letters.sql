-- +goose Up
-- Facts of the outbox that failed by themselves and are tried again.
CREATE TABLE IF NOT EXISTS outbox_trials (
    seq       BIGINT          NOT NULL PRIMARY KEY,
    id        VARBINARY(128)  NOT NULL,
    version   BIGINT          NOT NULL,
    failures  INT             NOT NULL,
    error     VARBINARY(1024) NOT NULL,
    retry_at  BIGINT          NOT NULL,
    overtaken BIGINT          NOT NULL,
    KEY outbox_trials_by_item (id, seq)
);

-- Those that were given up.
CREATE TABLE IF NOT EXISTS dead_letters (
    seq        BIGINT          NOT NULL PRIMARY KEY,
    number     BIGINT          NOT NULL,
    id         VARBINARY(128)  NOT NULL,
    state      TINYINT         NOT NULL,
    version    BIGINT          NOT NULL,
    changed_at BIGINT          NOT NULL,
    details    MEDIUMBLOB      NOT NULL,
    payload    MEDIUMBLOB      NULL,
    failures   INT             NOT NULL,
    error      VARBINARY(1024) NOT NULL,
    died_at    BIGINT          NOT NULL,
    overtaken  BIGINT          NOT NULL,
    KEY dead_letters_by_item (id)
);
