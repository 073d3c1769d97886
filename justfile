# The commands one needs. `just` lists them.

# List the recipes
default:
    @just --list

# Format, lints, docs, tests: what CI runs
ci:
    bash .ci/run

# All tests
test:
    cargo test --release

# Rewrite the expectations of the golden suite and the function reference; review the diff
update:
    REGAIN_UPDATE=1 cargo test --release -- suite:: reference:: manual::

# The example: decide the customers of examples/retail
example:
    cargo run --release -- run examples/retail --as-of 2026-06-30

# The reference workload; `table` comes from ../shared/bench/gen.py
bench table:
    cargo bench --bench workload -- {{table}}
