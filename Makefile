# What a newcomer types: `make`, `make demo`, `make test`, `make bench`. All work is in npm scripts;
# this only sees to it that the packages are there.
.PHONY: all demo test bench check clean

all: node_modules/.package-lock.json
	@npm run --silent build

demo: all
	@scripts/with-node node scripts/demo.ts

test: all
	@npm run --silent test

bench: all
	@npm run --silent bench

check: node_modules/.package-lock.json
	@npm run --silent check

node_modules/.package-lock.json: package-lock.json
	@npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

clean:
	rm -rf bin dist lib
