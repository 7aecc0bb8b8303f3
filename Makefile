# What a newcomer types: `make`, `make demo`, `make test`, `make install`. All work is in npm scripts;
# this only sees to it that the packages are there.
.PHONY: all demo test bench check clean install uninstall

# For `make install`: where the programs will stand, and what to write below instead of /. NODE=FILE names
# the Node that will be there; else it is the machine's, or a copy of the one that npm brought.
PREFIX = /usr/local
DESTDIR =
node_option = $(if $(filter command,$(firstword $(origin NODE))),--node "$$MANYHANDS_NODE")
destdir_option = $(if $(DESTDIR),--destdir "$$MANYHANDS_DESTDIR")
# By the environment: whatever characters are in them, the shell reads none.
install uninstall: export MANYHANDS_PREFIX = $(PREFIX)
install uninstall: export MANYHANDS_DESTDIR = $(DESTDIR)
install uninstall: export MANYHANDS_NODE = $(NODE)

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

install: all
	@bin/manyhands setup --prefix "$$MANYHANDS_PREFIX" $(destdir_option) $(node_option)

uninstall: all
	@bin/manyhands setup --remove --prefix "$$MANYHANDS_PREFIX" $(destdir_option)

node_modules/.package-lock.json: package-lock.json
	@npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

clean:
	rm -rf bin dist lib
