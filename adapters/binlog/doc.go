// Package binlog reads the row log of MySQL and MariaDB as a replica does: the capturing.Log.
package binlog
