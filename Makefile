# For fingers that are used to make. Everything is in dev.py.
.PHONY: run test check seed
run test check seed:
	python3 dev.py $@
