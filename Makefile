# Thin: everything is in dev.py, so that machines without make can do the same.
PYTHON ?= python3

.PHONY: demo test peers lint types docs bench picture lock ci
demo test peers lint types docs bench picture lock:
	@$(PYTHON) dev.py $@ $(ARGS)

ci:
	@.ci/run
