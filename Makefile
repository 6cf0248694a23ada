# Operate the warehouse. `make help` prints the text after `##` of each target, under the headings after `##@`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help demo demo-clean test test-containers test-faults bench-import bench-transform bench-dashboard bench-cdc migrate up down status logs clean postgres spark debezium flask \
	airflow dashboard docker-build docker-build-arm import imports undo-import catalog pipeline rebuild explain metric verify-replica resync-replica dead-letters changes psql connect-source-postgres \
	connect-main-postgres connect-replica-postgres connect-airflow-postgres

RUN = @runtime/bootstrap && PYTHONPATH=. .local/env/runtime/bin/python -m runtime
export PYTHONPYCACHEPREFIX = $(CURDIR)/.local/pycache
# Bytecode is not written next to the sources, so it may be written: without it, each command compiles every module again.
unexport PYTHONDONTWRITEBYTECODE
# Values reach the commands through the environment, so a shell never interprets a file name.
export LISTENER METRIC NAME TABLE FAULT_SEED FILE FILES TIME_ZONE DRY_RUN ID DB SQL S CLOCK ROWS PLAYS GROWTH CONFIRM service
# Exported only if set: otherwise .env decides.
export RUNTIME $(if $(WORKERS),WORKERS)

##@ Help

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z][a-z-]*:.*## / {printf "  %-26s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Demo

demo: ## Run everything from a bare checkout with sample data; your own: FILES=my_spotify_data.zip TIME_ZONE=Europe/Madrid
	$(RUN) demo --files "$$FILES" --time-zone "$$TIME_ZONE" --clock "$$CLOCK"

demo-clean: ## Delete the simulated listeners and all their plays
	$(RUN) demo-clean

##@ Start and stop

up: ## Start the stack: in containers if Docker is available, else as local processes; RUNTIME=docker|local chooses
	$(RUN) up

down: ## Stop the stack and keep its data
	$(RUN) down

status: ## Show service health, the last load and its gates, CDC lag, token expiry and memory
	$(RUN) status

logs: ## Show logs; S=flask for one service, F=1 to follow
	$(RUN) logs --service "$$S" $(if $(F),--follow)

# If there is data but no runtime environment, the environment is made first: only it can find out whose data it is.
clean: ## Stop everything and remove what was made; keep real listeners' data, keys and volumes unless CONFIRM=1
	@if [ -e .local/data ] || [ -e .local/containers ]; then [ -x .local/env/runtime/bin/python ] || runtime/bootstrap || exit 1; fi; \
	if [ -x .local/env/runtime/bin/python ]; then \
		PYTHONPATH=. PYTHONDONTWRITEBYTECODE=1 .local/env/runtime/bin/python -m runtime clean $(if $(filter 1,$(CONFIRM)),--confirm); \
	else rm -rf .local; fi

##@ Start one part

postgres: ## Start the databases and apply their migrations
	$(RUN) up postgres

spark: ## Start Spark's master and workers; WORKERS=3 for three workers
	$(RUN) up spark

debezium: ## Start Kafka, Kafka Connect with both connectors, and the watchdog
	$(RUN) up debezium

flask: ## Start the endpoint, its worker and their dependencies
	$(RUN) up flask

airflow: ## Start Airflow and its dependencies
	$(RUN) up airflow

dashboard: ## Start the dashboard and its dependencies
	$(RUN) up dashboard

migrate: ## Bring the databases to the state that sql/ describes
	$(RUN) up migrate-source migrate-main migrate-replica

##@ Imports and catalog

import: ## Import exports: LISTENER=ana FILES="a.zip b.json" [TIME_ZONE=Europe/Madrid] [DRY_RUN=1]
	$(RUN) import --listener "$$LISTENER" --files "$$FILES" --time-zone "$$TIME_ZONE" $(if $(DRY_RUN),--dry-run)

imports: ## List the imports; LISTENER=ana for one listener
	$(RUN) imports --listener "$$LISTENER"

undo-import: ## Undo an import: ID=12
	$(RUN) undo-import "$$ID"

catalog: ## Load a catalog file instead of asking Spotify: FILE=songs.csv.gz [DRY_RUN=1]
	$(RUN) catalog --file "$$FILE" $(if $(DRY_RUN),--dry-run)

##@ Pipeline and metrics

pipeline: ## Run the pipeline now and follow it
	$(RUN) pipeline

rebuild: ## Recompute everything and publish the differences; LISTENER=ana for one listener
	$(RUN) rebuild --listener "$$LISTENER"

explain: ## Show where a number comes from, its definition, loads and checks: METRIC=listening_session LISTENER=ana
	$(RUN) explain --metric "$$METRIC" --listener "$$LISTENER"

metric: ## Write the files of a new metric, ready to run and to change: NAME=weekend_share
	$(RUN) metric --name "$$NAME"

verify-replica: ## Verify that the replica equals main, table by table; CHANGED=1 reads only what loads changed since the last proof
	$(RUN) verify-replica $(if $(CHANGED),--changed)

resync-replica: ## Copy main to the replica again, while the stack runs; TABLE=mart.top_item for one table
	$(RUN) resync-replica "$$TABLE"

dead-letters: ## List the rows that the replica refuses; REPAIR=1 copies main's current rows, after you removed the cause
	$(RUN) dead-letters $(if $(REPAIR),--repair)

changes: ## Print the newest changes of a table that Kafka has: TABLE=mart.top_item [ROWS=10]
	$(RUN) changes "$$TABLE" --count "$${ROWS:-10}"

##@ Database shells

psql: ## Open a shell in a database, or print the rows of one statement: DB=source|main|replica|airflow [SQL="SELECT 1"]
	$(RUN) psql --database "$$DB" --sql "$$SQL"

connect-source-postgres: ## Same as psql DB=source
	$(RUN) psql --database source

connect-main-postgres: ## Same as psql DB=main
	$(RUN) psql --database main

connect-replica-postgres: ## Same as psql DB=replica
	$(RUN) psql --database replica

connect-airflow-postgres: ## Same as psql DB=airflow
	$(RUN) psql --database airflow

##@ Images

docker-build: ## Build the images; service=flask for one
	$(RUN) docker-build --service "$$service"

docker-build-arm: ## Build the images for linux/arm64, tagged -arm64
	$(RUN) docker-build --arm --service "$$service"

##@ Tests and benchmarks

test: ## Run all tests except test-containers and test-faults; they use their own ports, so a stack can keep running
	$(RUN) test $(SUITES)

test-containers: ## Test the images and the whole stack in containers against the local runtime; needs Docker
	$(RUN) test containers

test-faults: ## Kill, freeze and damage every part of the replication while rows are written; FAULT_SEED repeats random faults
	$(RUN) test "all faults"

bench-import: ## Measure an import of 1,000,000 plays against plain COPY; ROWS=100000 for fewer
	$(RUN) bench-import --rows "$${ROWS:-1000000}"

bench-transform: ## Measure a load relative to DuckDB, a rebuild and half the plays; PLAYS=10000000 for ten million
	$(RUN) bench-transform --plays "$${PLAYS:-1000000}"

bench-dashboard: ## Measure the pages of 20 viewers relative to a static file; PLAYS=50000 for more plays of each listener
	$(RUN) bench-dashboard --plays "$${PLAYS:-30000}"

bench-cdc: ## Measure the replication relative to PostgreSQL's own, and a new replica relative to COPY; GROWTH=1,3,10 for millions of plays
	$(RUN) bench-cdc --plays "$${PLAYS:-100000}" --growth "$${GROWTH:-}"
