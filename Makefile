GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GEN     := idl/gen cmd/freshet/wire_gen.go
SOURCES  = $(shell find . -name '*.go' -not -path './.git/*' -not -path './idl/gen/*')

# So many packages are tested at once: tests wait as much as they work.
PACKAGES ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

export GOTOOLCHAIN := local

.DEFAULT_GOAL := help
.PHONY: help build run test soak mutate check format vet lint drift gen bench microbench services-up services-down

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/freshet
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/freshet ./cmd/freshet

run: build ## serve a sample catalogue to simulated viewers, with nothing else installed
	bin/freshet demo

test: check ## check, then run every test with the race detector on real servers
	$(GO) run ./test/services -- $(GO) test -race -timeout 20m -p $(PACKAGES) ./...
	$(GO) test -run AMillionEvents ./adapters/memindex # the race detector would take minutes for it

soak: ## kill, cut off, fill and fail over instances, Redis and the database under load, and look what was lost; some twenty minutes
	$(GO) run ./test/services -- env FRESHET_TEST_KILLS=$${FRESHET_TEST_KILLS:-300} $(GO) test -race -count=1 -v -timeout 90m ./test/fault

mutate: ## take away, one by one, what promises stand on, and demand that a test goes red; some minutes
	$(GO) run ./test/services -- $(GO) run ./test/mutation

check: format vet lint drift ## look at the code without running it

gen: ## write all generated code anew
	rm -rf idl/gen
	$(GO) tool kitex -module github.com/freshet/freshet -gen-path idl/gen idl/freshet.thrift
	rm -f kitex_info.yaml
	$(GO) tool wire ./cmd/freshet

bench: ## measure pages, events, index, start and connections beside what the machine can do at all, in one table; some ten minutes
	$(GO) run ./test/services -- $(GO) run ./test/bench

microbench: ## run every Go benchmark once, with allocations
	$(GO) test -run '^$$' -bench . -benchmem -benchtime 1s ./...

services-up: ## leave Redis, a Redis Cluster and a MySQL running; eval what it prints and `go test` uses them
	@$(GO) run ./test/services -up

services-down: ## stop what services-up started
	@$(GO) run ./test/services -down

format:
	@unformatted=$$(gofmt -l $(SOURCES)) || exit 1; \
	if [ -n "$$unformatted" ]; then echo "gofmt -w these:"; echo "$$unformatted"; exit 1; fi

vet:
	$(GO) vet ./...

lint:
	$(GO) tool -modfile=.ci/lint/go.mod golangci-lint run

drift:
	@set -e; \
	if ! git ls-files --error-unmatch go.mod >/dev/null 2>&1; then \
		echo "drift: skipped, git does not keep this tree"; exit 0; \
	fi; \
	$(MAKE) --no-print-directory gen; \
	git diff --exit-code -- $(GEN) || { echo "drift: generated code is not what git has: commit what make gen wrote"; exit 1; }; \
	untracked=$$(git ls-files --others -- $(GEN)); \
	if [ -n "$$untracked" ]; then echo "drift: generated and not in git:"; echo "$$untracked"; exit 1; fi
