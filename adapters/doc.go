// Package adapters is the driven side: each folder grants wishes that the model or a use case declared as an interface.
//
// They are named <vendor>store, or by what they are. An adapter maps between the model and what it stores, passes the
// contract suite of every interface it grants, on embedded and on real servers, and says what is true after a failure.
//
// Never here: a rule, or the decision whether to fall back, retry or give up on a page.
//
// Look first at memindex, which every page reads, then at redisstore and mysqlstore.
//
// May import: adapters, application, domain; of others': gorm.io, github.com/go-sql-driver/mysql, github.com/libtnb/sqlite, github.com/pressly/goose/v3, github.com/redis/go-redis/v9, gonum.org/v1/gonum (trainedmodel), golang.org/x/text (memindex), github.com/hibiken/asynq (asynqtasks), github.com/go-mysql-org/go-mysql (binlog), github.com/maypok86/otter/v2 (readcache), github.com/bits-and-blooms/bloom/v3 (readcache), github.com/golang-jwt/jwt/v5 (tokens), github.com/MicahParks/jwkset (tokens), github.com/maypok86/otter/v2 (tokens), golang.org/x/time (tokens), github.com/twmb/franz-go (kafkastore).
package adapters
