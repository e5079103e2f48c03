# Makefile -- the everyday commands; the build itself is meson's.
#
#   make              build the shell and its tests, in build/
#   make run          build the shell and open it; without a terminal it shows the tour
#   make test         run every test; the last line says how many passed and failed
#   make bench        measure against python3 and IPython (SAVE=1 stores the figures)
#   make install      install the shell (PREFIX=/usr/local, DESTDIR=)
#   make san          run every test under the address and undefined-behaviour sanitizers
#   make leaks        run the tests on the debug interpreter, which counts every reference
#   make soak         run 1,000 real scripts in one session, 100,000 times few, and judge 100,000
#                     random graphs, some under valgrind (SCRIPTS=1000 GRAPHS=100000)
#   make fuzz         fuzz each plain parser, the keys and the painter (SECONDS=60 each)
#   make lint         check the format, clang-tidy's rules, the layers and the ownership marks
#   make format       format the C sources; format-check only looks
#   make fresh        prove `./make run` and `./make test` on an empty Debian 12
#   make clean        remove the build folders
#
# Each installs first what it misses of Debian's packages (tools/packages.sh).
# PYTHON=python3.12 embeds another interpreter, in a build folder of its own.

# Debian's own, also where another python3 or meson comes first on PATH.
MESON = /usr/bin/meson
SYSTEM_PYTHON = /usr/bin/python3
PREFIX = /usr/local

ifdef PYTHON
version := $(shell $(PYTHON) -c 'import sysconfig; print(sysconfig.get_config_var("LDVERSION"))')
BUILD := build$(addprefix -,$(or $(version),$(error PYTHON=$(PYTHON) is no interpreter)))
OPTIONS := -Dpython=$(PYTHON)
else
BUILD := build
endif

.PHONY: all run test bench install san leaks soak fuzz lint format format-check fresh clean
.NOTPARALLEL:  # ninja runs in parallel, apt-get must not

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

run: $(BUILD)/build.ninja
	ninja -C $(BUILD) mainspring
	@if [ -t 0 ]; then $(BUILD)/mainspring; else $(BUILD)/mainspring examples/tour.ipy; fi

test: needs-test all
	@$(SYSTEM_PYTHON) tools/run_tests.py $(MESON) $(BUILD) $(TEST_OPTIONS)

bench: needs-bench all
	@$(SYSTEM_PYTHON) bench/run.py $(if $(SAVE),--save) $(BUILD)/mainspring

install: all
	$(MESON) configure $(BUILD) --prefix $(abspath $(PREFIX))
	$(MESON) install -C $(BUILD)

# pymalloc would hide overruns; leaks are the business of the debug interpreter's tests.
san: export PYTHONMALLOC = malloc
san: export UBSAN_OPTIONS = halt_on_error=1:print_stacktrace=1
san: export ASAN_OPTIONS = detect_leaks=0
san:
	$(MAKE) --no-print-directory test BUILD=$(BUILD)-san \
	    OPTIONS="$(OPTIONS) -Db_sanitize=address,undefined -Db_lundef=false"

leaks: needs-leaks
	$(MAKE) --no-print-directory test PYTHON=python3.11-dbg TEST_OPTIONS='--suite c --suite leak'

soak: SCRIPTS = 1000
soak: GRAPHS = 100000
soak: needs-soak all
	@MAINSPRING_SOAK=$(SCRIPTS) MAINSPRING_BINARY=$(abspath $(BUILD)/mainspring) PYTHONDONTWRITEBYTECODE=1 \
	    $(SYSTEM_PYTHON) -m pytest -q -s -p no:cacheprovider tests/py/test_soak.py
	MAINSPRING_GRAPHS=$(GRAPHS) $(BUILD)/tests/c/test_heap_random
	MAINSPRING_GRAPHS=300 PYTHONMALLOC=malloc valgrind -q --undef-value-errors=no --error-exitcode=1 \
	    $(BUILD)/tests/c/test_heap_random

# What is found new goes into a folder of its own, never into tests/corpus.
fuzz: SECONDS = 60
fuzz: needs-lint
	@[ -d $(BUILD)-fuzz ] || CC=clang $(MESON) setup $(BUILD)-fuzz -Dfuzz=true \
	    -Db_sanitize=address,undefined -Db_lundef=false
	@for target in $(notdir $(wildcard tests/corpus/*)); do \
	    ninja -C $(BUILD)-fuzz tests/fuzz/fuzz_$$target && mkdir -p $(BUILD)-fuzz/found/$$target && \
	    $(BUILD)-fuzz/tests/fuzz/fuzz_$$target -max_total_time=$(SECONDS) \
	        $(BUILD)-fuzz/found/$$target tests/corpus/$$target || exit 1; done

lint: needs-lint $(BUILD)/build.ninja format-check
	tools/lint_tidy.sh $(BUILD)
	$(MESON) test -C $(BUILD) --no-rebuild --print-errorlogs layers refs

format format-check: needs-format
	clang-format $(if $(filter format,$@),-i,--dry-run -Werror) \
	    $(wildcard src/*.[ch] src/*/*.[ch] tests/*/*.[ch])

fresh:
	tools/fresh-machine.sh

clean:
	rm -rf build build-*

$(BUILD)/build.ninja: | needs-build
	$(MESON) setup $(OPTIONS) $(BUILD)

needs-%:
	@tools/packages.sh $*
