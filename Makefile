# GNU make 3.81 or newer and a POSIX shell; nothing is installed outside .venv but what
# tools/bootstrap.sh says.

DEMO := fixtures/handmade-99-percent.pcapng.gz
VENV   = .venv
PYTHON = $(VENV)/bin/python
PIP    = $(PYTHON) -m pip install -q --disable-pip-version-check -c constraints.txt

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | expand -t 12

demo: $(VENV)/.package ## set up, then draw the report of the download that stops at 99 %
	@$(PYTHON) -m tcpwin report $(DEMO) -o demo-report --force
	@echo "The charts are in $(CURDIR)/demo-report; start with report.html."

test: $(VENV)/.extra-test ## set up, then run the tests
	@$(PYTHON) -m pytest -n auto --dist loadfile

lint: $(VENV)/.extra-test ## ruff, mypy, import-linter
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/.extra-test ## tcpwin beside tshark, tcptrace, pyshark; what is promised is checked
	@$(PYTHON) -m tests.bench

truth: $(VENV)/.extra-test ## compare what tcpwin says with the truth of every fixture
	@$(PYTHON) -m tests.truth

docs: $(VENV)/.extra-docs ## renew README.md, docs/ and their pictures, build the API pages into site/
	@$(PYTHON) -m tools.pictures
	@$(PYTHON) -m tools.docs
	@$(PYTHON) -m tools.api site
	@echo "The API pages are in $(CURDIR)/site; start with index.html."

fixtures: $(VENV)/.system ## record the fixtures anew (root, Linux, ip, tcpdump; some minutes)
	@$(PYTHON) -m fixtures.lab.record
	@$(PYTHON) -m fixtures.lab.handmade
	@$(PYTHON) -m fixtures.lab.derive
	@$(PYTHON) -m fixtures.lab.index

clean: ## remove the environment, the demo report and all caches
	rm -rf $(VENV) demo-report dist site .*_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- set-up: stamps, so that a second run takes no time ------------------------------------------

$(VENV)/.system: tools/bootstrap.sh
	@sh tools/bootstrap.sh $(VENV)
	@touch $@

$(VENV)/.package: $(VENV)/.system pyproject.toml constraints.txt
	@echo "Installing tcpwin into $(VENV) ..."
	@$(PIP) -e .
	@touch $@

$(VENV)/.extra-%: $(VENV)/.package
	@echo "Installing the extra '$*' into $(VENV) ..."
	@$(PIP) -e '.[$*]'
	@touch $@

.PHONY: help demo test lint bench truth docs fixtures clean
.PRECIOUS: $(VENV)/.extra-%
