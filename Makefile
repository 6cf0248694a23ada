# Operating the warehouse. `make help` lists the targets from the comments behind them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help demo demo-clean test test-containers bench-import bench-transform migrate up down status logs clean postgres spark debezium flask \
	airflow dashboard docker-build docker-build-arm import imports undo-import catalog pipeline rebuild explain verify-replica psql connect-source-postgres \
	connect-main-postgres connect-replica-postgres connect-airflow-postgres

RUN = @runtime/bootstrap && PYTHONPATH=. .local/env/runtime/bin/python -m runtime
# Values reach the commands through the environment, so that no name in them is ever read by a shell.
export PYTHONPYCACHEPREFIX = $(CURDIR)/.local/pycache
export LISTENER METRIC FILE FILES TIME_ZONE DRY_RUN ID DB SQL S CLOCK ROWS PLAYS CONFIRM service
# The empty ones are left to .env.
export RUNTIME $(if $(WORKERS),WORKERS)

help: ## List the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sort | awk 'BEGIN {FS = ":.*## "} {printf "  %-26s %s\n", $$1, $$2}'

demo: ## Everything from a bare checkout: sample listening, or your own with FILES=my_spotify_data.zip TIME_ZONE=Europe/Madrid
	$(RUN) demo --files "$$FILES" --time-zone "$$TIME_ZONE" --clock "$$CLOCK"

demo-clean: ## Delete the simulated listeners and all their plays
	$(RUN) demo-clean

test: ## Every test but test-containers; on ports of its own, beside a running stack
	$(RUN) test $(SUITES)

bench-transform: ## How fast a load is, as ratios against DuckDB, a rebuild and half as many plays; PLAYS=10000000 for more than a million
	$(RUN) bench-transform --plays "$${PLAYS:-1000000}"

test-containers: ## The images and the whole stack in containers, against the local runtime; needs Docker
	$(RUN) test containers

up: ## Start the stack: in containers where Docker is there, else as local processes; RUNTIME=docker|local chooses
	$(RUN) up

down: ## Stop the stack; the data stays
	$(RUN) down

status: ## Health of each service, the last load and its gates, CDC lag, token expiry, memory
	$(RUN) status

logs: ## Show logs; S=flask for one service, F=1 to follow
	$(RUN) logs --service "$$S" $(if $(F),--follow)

docker-build: ## Build the images; service=flask for one
	$(RUN) docker-build --service "$$service"

docker-build-arm: ## The same for linux/arm64, tagged -arm64
	$(RUN) docker-build --arm --service "$$service"

# With data but without the runtime's environment, the environment is made first: only it can tell whose data this is.
clean: ## Stop everything and remove what was made; keep real listeners' data, their keys and volumes unless CONFIRM=1
	@if [ -e .local/data ] || [ -e .local/containers ]; then [ -x .local/env/runtime/bin/python ] || runtime/bootstrap || exit 1; fi; \
	if [ -x .local/env/runtime/bin/python ]; then \
		PYTHONPATH=. PYTHONDONTWRITEBYTECODE=1 .local/env/runtime/bin/python -m runtime clean $(if $(filter 1,$(CONFIRM)),--confirm); \
	else rm -rf .local; fi

bench-import: ## Measure an import of 1,000,000 plays against plain COPY; ROWS=100000 for fewer
	$(RUN) bench-import --rows "$${ROWS:-1000000}"

migrate: ## Bring the databases to the state that sql/ describes
	$(RUN) up migrate-source migrate-main migrate-replica

postgres: ## Start the databases, migrated
	$(RUN) up postgres

spark: ## Start Spark's master and its workers: WORKERS=3 for three
	$(RUN) up spark

debezium: ## Start Kafka, Connect with both connectors, and the watchdog
	$(RUN) up debezium

flask: ## Start the endpoint, its worker and what they need
	$(RUN) up flask

airflow: ## Start Airflow and what it needs
	$(RUN) up airflow

dashboard: ## Start the dashboard and what it needs
	$(RUN) up dashboard

import: ## Import exports: LISTENER=ana FILES="a.zip b.json" [TIME_ZONE=Europe/Madrid] [DRY_RUN=1]
	$(RUN) import --listener "$$LISTENER" --files "$$FILES" --time-zone "$$TIME_ZONE" $(if $(DRY_RUN),--dry-run)

imports: ## List the imports; LISTENER=ana for one listener
	$(RUN) imports --listener "$$LISTENER"

undo-import: ## Take an import back: ID=12
	$(RUN) undo-import "$$ID"

catalog: ## Load a catalogue file instead of asking Spotify: FILE=songs.csv.gz [DRY_RUN=1]
	$(RUN) catalog --file "$$FILE" $(if $(DRY_RUN),--dry-run)

pipeline: ## Run the pipeline now and follow it
	$(RUN) pipeline

rebuild: ## Recompute everything and publish what differs; LISTENER=ana for one listener
	$(RUN) rebuild --listener "$$LISTENER"

explain: ## Where a number comes from: METRIC=listening_session LISTENER=ana; its definition, loads and checks
	$(RUN) explain --metric "$$METRIC" --listener "$$LISTENER"

verify-replica: ## Prove that the replica equals main, table by table
	$(RUN) verify-replica

psql: ## A shell in a database, or one statement's rows: DB=source|main|replica|airflow [SQL="SELECT 1"]
	$(RUN) psql --database "$$DB" --sql "$$SQL"

connect-source-postgres: ## The same as psql DB=source
	$(RUN) psql --database source

connect-main-postgres: ## The same as psql DB=main
	$(RUN) psql --database main

connect-replica-postgres: ## The same as psql DB=replica
	$(RUN) psql --database replica

connect-airflow-postgres: ## The same as psql DB=airflow
	$(RUN) psql --database airflow
