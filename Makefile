# SPDX-License-Identifier: MIT
#   make              the program build/release/composemerge, the libraries beside it
#   make demo         merges examples/rails for production and shows what that changes
#   make check        builds and runs every test          make install PREFIX=/usr/local DESTDIR=
# VARIANT=release|debug|san|cov|fuzz, CC, CFLAGS, LDFLAGS as usual; STATIC=1, WERROR=1, V=1 (commands shown).
# demo, check and deps install what is missing through apt-get; every other target only says so.

VARIANT ?= release
BUILD   ?= build
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
MANDIR  ?= $(PREFIX)/share/man
PKG_CONFIG ?= pkg-config
INSTALL ?= install
N       ?= 20000

B       := $(BUILD)/$(VARIANT)
VERSION := $(shell sed -n 's/^.define CM_VERSION_STRING "\(.*\)"/\1/p' include/composemerge.h)
SONAME  := libcomposemerge.so.$(firstword $(subst ., ,$(VERSION)))
PKGS    := yaml-0.1 libutf8proc libmd
Q       := $(if $(V),,@)

FLAGS_release := -O2
FLAGS_debug   := -O0 -g -DCM_DEBUG
FLAGS_san     := -O1 -g -DCM_DEBUG -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_cov     := -O0 -g -DCM_DEBUG --coverage
FLAGS_fuzz    := $(FLAGS_san) -fsanitize=fuzzer-no-link
ifeq ($(FLAGS_$(VARIANT)),)
$(error VARIANT=$(VARIANT) is none of release, debug, san, cov, fuzz)
endif
ifeq ($(VARIANT)$(origin CC),fuzzdefault)
CC := clang
endif

# pkg-config is asked when a recipe first needs the answer: by then `deps` may have installed it.
YAML_CFLAGS   = $(eval YAML_CFLAGS := $$(shell $(PKG_CONFIG) --cflags $(PKGS)))$(YAML_CFLAGS)
YAML_LIBS     = $(eval YAML_LIBS := $$(shell $(PKG_CONFIG) $(if $(STATIC),--static) --libs $(PKGS)))$(YAML_LIBS)
CHECK_CFLAGS  = $(eval CHECK_CFLAGS := $$(shell $(PKG_CONFIG) --cflags check))$(CHECK_CFLAGS)
CHECK_LIBS    = $(eval CHECK_LIBS := $$(shell $(PKG_CONFIG) --libs check))$(CHECK_LIBS)

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla
OUR_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L $(WARNINGS) $(if $(WERROR),-Werror) -fvisibility=hidden -fPIC -MMD -MP \
	$(FLAGS_$(VARIANT)) $(YAML_CFLAGS)
COMPILE = $(CC) $(OUR_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK    = $(CC) $(FLAGS_$(VARIANT)) $(CFLAGS) $(LDFLAGS) $(if $(STATIC),-static)
say     = $(if $(V),,@echo '  $1 $(subst $(B)/,,$@)')

SOURCES := $(wildcard src/*.c src/*/*.c)
obj      = $(patsubst %.c,$(B)/obj/%.o,$1)
LIB_OBJ := $(call obj,$(filter-out src/cli/%,$(SOURCES)))
CLI_OBJ := $(call obj,$(filter src/cli/%,$(SOURCES)))
CLI_TEST_OBJ := $(filter-out %/main.o,$(CLI_OBJ))

PROGRAM := $(B)/composemerge
LIB_A   := $(B)/libcomposemerge.a
LIB_SO  := $(B)/libcomposemerge.so.$(VERSION)
PC      := $(B)/composemerge.pc
MAN     := $(wildcard man/*.[1-9])
UNITS   := $(wildcard tests/unit/test_*.c)
FUZZERS := load merge roundtrip
REPLAYS := $(FUZZERS:%=$(B)/tests/replay_%)
PROPS   := $(patsubst tests/prop/%.c,$(B)/tests/%,$(wildcard tests/prop/*.c))
TESTS   := $(addprefix $(B)/tests/,unit run_cases man_tables oom failmalloc.so) $(REPLAYS) $(PROPS)

all: $(PROGRAM) $(LIB_A) $(LIB_SO) $(PC)

# --- what must be there first
GOALS  := $(or $(MAKECMDGOALS),all)
GROUPS := build $(if $(filter-out all demo install uninstall peers bench,$(GOALS)),tests) $(if $(filter fuzz,$(GOALS)),fuzz)
need:
	@CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' sh tests/deps.sh $(if $(filter demo check deps,$(GOALS)),install,check) $(GROUPS)
deps: need
	@echo 'composemerge: nothing is missing; make builds it, make check tests it'
# Changes when the compiler or its flags do, and everything with it.
$(B)/flags: FORCE | need
	@mkdir -p $(@D); echo '$(COMPILE) $(LDFLAGS) $(STATIC)' | cmp -s - $@ || echo '$(COMPILE) $(LDFLAGS) $(STATIC)' >$@

# --- building
$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(COMPILE) $(EXTRA) -c -o $@ $<
$(LIB_A): $(LIB_OBJ)
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(LIB_SO): $(LIB_OBJ)
	$(call say,LD)
	$(Q)$(CC) $(FLAGS_$(VARIANT)) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -o $@ $^ $(YAML_LIBS)
	@ln -sf $(@F) $(B)/$(SONAME) && ln -sf $(SONAME) $(B)/libcomposemerge.so
$(PROGRAM): $(CLI_OBJ) $(LIB_A)
	$(call say,LD)
	$(Q)$(LINK) -o $@ $^ $(YAML_LIBS) $(LDLIBS)
$(PC): Makefile include/composemerge.h FORCE
	@mkdir -p $(@D)
	@printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$${prefix}/include' '' 'Name: composemerge' \
		'Description: Merges Docker Compose files and keeps the text of their author' 'Version: $(VERSION)' \
		'Requires.private: $(PKGS)' 'Libs: -L$${libdir} -lcomposemerge' 'Cflags: -I$${includedir}' >$@

install: all
	$(INSTALL) -d $(addprefix $(DESTDIR),$(PREFIX)/bin $(PREFIX)/include $(LIBDIR)/pkgconfig)
	$(INSTALL) -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/
	$(INSTALL) -m 644 include/composemerge.h $(DESTDIR)$(PREFIX)/include/
	$(INSTALL) -m 644 $(LIB_A) $(LIB_SO) $(DESTDIR)$(LIBDIR)/
	ln -sf $(notdir $(LIB_SO)) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libcomposemerge.so
	$(INSTALL) -m 644 $(PC) $(DESTDIR)$(LIBDIR)/pkgconfig/
	for page in $(MAN); do $(INSTALL) -D -m 644 $$page $(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/} || exit 1; done
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/composemerge $(DESTDIR)$(PREFIX)/include/composemerge.h \
		$(DESTDIR)$(LIBDIR)/libcomposemerge.* $(DESTDIR)$(LIBDIR)/pkgconfig/composemerge.pc
	for page in $(MAN); do rm -f $(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}; done

# --- test programs
$(B)/gen/suites.def: $(UNITS)
	@mkdir -p $(@D); printf 'SUITE(%s)\n' $(UNITS:tests/unit/test_%.c=%) >$@
$(call obj,tests/unit/main.c): $(B)/gen/suites.def
$(B)/obj/tests/unit/%.o: EXTRA = -Wno-missing-prototypes -I$(B)/gen $(CHECK_CFLAGS)
$(B)/tests/unit: $(call obj,tests/unit/main.c $(UNITS)) $(CLI_TEST_OBJ) $(LIB_A)
$(B)/tests/unit: LIBS = $(CHECK_LIBS)
$(B)/tests/run_cases: $(call obj,tests/run_cases.c tests/process.c)
$(B)/tests/oom: $(call obj,tests/oom/oom.c tests/oom/failmalloc.c tests/process.c) $(LIB_A)
$(B)/tests/man_tables: $(call obj,tests/man/tables.c) $(CLI_TEST_OBJ) $(LIB_A)
$(B)/tests/floor: $(call obj,tests/bench/floor.c)
$(B)/tests/measure: $(call obj,tests/bench/measure.c)
$(REPLAYS): $(B)/tests/replay_%: $(B)/obj/tests/fuzz/fuzz_%.o $(call obj,tests/fuzz/replay.c tests/fuzz/fuzz.c tests/process.c) $(LIB_A)
$(PROPS): $(B)/tests/%: $(B)/obj/tests/prop/%.o $(LIB_A)
$(filter-out %.so,$(TESTS)) $(B)/tests/floor $(B)/tests/measure:
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(LINK) -o $@ $^ $(LIBS) $(YAML_LIBS) $(LDLIBS)
$(B)/tests/failmalloc.so: $(call obj,tests/oom/failmalloc.c)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) -shared -o $@ $^
$(FUZZERS:%=$(B)/tests/fuzz_%): $(B)/tests/fuzz_%: $(B)/obj/tests/fuzz/fuzz_%.o $(call obj,tests/fuzz/fuzz.c) $(LIB_A)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(YAML_LIBS)

# --- testing: CASES=merge/ports (a part of the path), EVERY=5, WRAPPER='valgrind -q ...' choose and wrap golden cases
RUN_CASES = $(B)/tests/run_cases --program $(PROGRAM) $(if $(filter %update,$@),--update) \
	--wrapper '$(WRAPPER)' --every $(or $(EVERY),1) tests/cases $(CASES)
VALGRIND  = valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,possible
suite     = $1 '$(MAKE) --no-print-directory $2'
demo: $(PROGRAM)
	@cd examples/rails && $(abspath $(PROGRAM)) -f compose.yml -f compose.prod.yml >$(abspath $(B))/demo.yml
	@echo 'In examples/rails, composemerge -f compose.yml -f compose.prod.yml (all of it: $(B)/demo.yml) changes compose.yml so:'
	@diff -u --label compose.yml --label 'compose.yml with compose.prod.yml' examples/rails/compose.yml $(B)/demo.yml; test $$? = 1
check: all $(TESTS)
	+@sh tests/sum.sh $(foreach t,unit golden prop man oom symbols,$(call suite,$t,check-$t)) $(call suite,fuzz-replay,fuzz-replay)
check-unit: $(B)/tests/unit
	@$<
check-golden golden-update: $(B)/tests/run_cases $(PROGRAM)
	@$(RUN_CASES)
check-prop: $(PROGRAM) $(PROPS)
	@sh tests/prop/run.sh $(B)/tests
check-man man-update: $(B)/tests/man_tables $(PROGRAM)
	@python3 tests/man/check.py $(if $(filter %update,$@),--update) --program $(PROGRAM) --tables $< man/composemerge.1
check-oom: $(B)/tests/oom $(B)/tests/failmalloc.so $(PROGRAM)
	@$< $(PROGRAM) $(B)/tests/failmalloc.so tests/cases
check-symbols: $(LIB_A) $(LIB_SO)
	@sh tests/symbols.sh $^
fuzz-replay: $(REPLAYS)
	@for r in $^; do $$r tests/cases tests/fuzz/corpus/$${r##*_} || exit 1; done
san:
	+@sh tests/sum.sh $(foreach t,unit golden prop,$(call suite,$t,VARIANT=san check-$t)) $(call suite,fuzz-replay,VARIANT=san fuzz-replay)
valgrind: $(B)/tests/unit $(B)/tests/run_cases $(PROGRAM)
	+@sh tests/sum.sh unit 'CK_FORK=no $(VALGRIND) $(B)/tests/unit' $(call suite,golden,check-golden WRAPPER="$(VALGRIND)")
cov:
	-@$(MAKE) -k VARIANT=cov check-unit check-golden check-prop fuzz-replay
	@find $(BUILD)/cov/obj/src -name '*.gcda' -exec gcov -n {} + | awk '/^File .src/ {f = $$2} /^Lines/ && f {print $$2, f; f = ""}' | sort -t: -k2 -n
fuzz:
	@$(MAKE) VARIANT=fuzz fuzz-run
fuzz-run: $(FUZZERS:%=$(B)/tests/fuzz_%) $(REPLAYS) $(B)/tests/attr_dump
	@sh tests/fuzz/run.sh $(B) $(or $(FUZZ_SECONDS),600) $(or $(FUZZ_TARGETS),$(FUZZERS))
bench: $(PROGRAM) $(B)/tests/floor $(B)/tests/measure
	@python3 tests/bench/bench.py $(B) $(BENCH)
peers:
	sh tests/peers/build.sh
conformance: $(PROGRAM)
	../shared/conformance/run --identity '$(PROGRAM) -f {file}' ../shared/conformance
	../shared/conformance/run --merge '$(PROGRAM) {f}' \
		--load 'build/peers/docker-compose {args} config --format json {flags}' --edits ../shared/conformance
differential: $(PROGRAM) $(PROPS)
	python3 tests/prop/differential.py $(N)
mutants:
	$(MAKE) VARIANT=debug all $(subst $(B),$(BUILD)/debug,$(TESTS))
	python3 tests/prop/mutants.py
man-lint:
	mandoc -T lint -W warning $(MAN)

clean:
	rm -rf $(BUILD)/release $(BUILD)/debug $(BUILD)/san $(BUILD)/cov $(BUILD)/fuzz

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
.SECONDARY .DELETE_ON_ERROR:
.PHONY: all need deps install uninstall clean FORCE demo check check-unit check-golden check-prop check-man check-oom \
	check-symbols man-update golden-update fuzz-replay san valgrind cov fuzz fuzz-run bench peers conformance \
	differential mutants man-lint
