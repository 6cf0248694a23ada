# The images and the stages they share. `make docker-build` runs, in the project's folder:
#   export BUILDX_NO_DEFAULT_LOAD=1                    # Do not load each shared stage as an unnamed image.
#   docker buildx bake -f docker/bake.hcl              # every image
#   docker buildx bake -f docker/bake.hcl flask        # one of them
# A shared stage is a target of its own. An image lists it in `contexts` and uses it in `FROM` or `COPY --from`.

variable "IMAGE_TAG" {
  default = "dev"
}

group "default" {
  targets = ["postgres", "ops", "kafka", "spark", "airflow", "flask", "dashboard"]
}

# Shared stages.

target "base" {
  dockerfile = "docker/images/base.Dockerfile"
}

target "python" {
  dockerfile = "docker/images/python.Dockerfile"
  contexts   = { base = "target:base" }
}

target "builder" {
  dockerfile = "docker/images/builder.Dockerfile"
  contexts   = { python = "target:python" }
}

target "environment" {
  name       = "${name}-environment"
  dockerfile = "docker/images/environment.Dockerfile"
  contexts   = { builder = "target:builder" }
  matrix     = { name = ["cdc", "spark", "soda", "airflow", "flask"] }
  args = {
    NAME      = name
    COMPONENT = { cdc = "cdc_connectors", spark = "spark_scripts", soda = "soda", airflow = "dags", flask = "flask_endpoint" }[name]
  }
}

target "java" {
  dockerfile = "docker/images/java.Dockerfile"
  contexts   = { python = "target:python" }
}

target "jars" {
  dockerfile = "docker/images/jars.Dockerfile"
  contexts   = { java = "target:java" }
}

target "node" {
  dockerfile = "docker/images/node.Dockerfile"
  contexts   = { builder = "target:builder" }
}

# Images.

# The label identifies the project's images, including old ones whose tag a rebuild has moved.
target "image" {
  labels = { "org.opencontainers.image.title" = "listening" }
  output = ["type=docker"]
}

target "postgres" {
  inherits   = ["image"]
  dockerfile = "docker/images/postgres.Dockerfile"
  contexts   = { base = "target:base", builder = "target:builder" }
  tags       = ["listening/postgres:${IMAGE_TAG}"]
}

target "ops" {
  inherits   = ["image"]
  dockerfile = "docker/images/ops.Dockerfile"
  contexts   = { python = "target:python", cdc-environment = "target:cdc-environment" }
  tags       = ["listening/ops:${IMAGE_TAG}"]
}

target "kafka" {
  inherits   = ["image"]
  dockerfile = "docker/images/kafka.Dockerfile"
  contexts   = { java = "target:java", jars = "target:jars", cdc-environment = "target:cdc-environment" }
  tags       = ["listening/kafka:${IMAGE_TAG}"]
}

target "spark" {
  inherits   = ["image"]
  dockerfile = "docker/images/spark.Dockerfile"
  contexts   = { java = "target:java", jars = "target:jars", spark-environment = "target:spark-environment" }
  tags       = ["listening/spark:${IMAGE_TAG}"]
}

target "airflow" {
  inherits   = ["image"]
  dockerfile = "docker/images/airflow.Dockerfile"
  contexts = {
    spark               = "target:spark"
    soda-environment    = "target:soda-environment"
    cdc-environment     = "target:cdc-environment"
    airflow-environment = "target:airflow-environment"
  }
  tags = ["listening/airflow:${IMAGE_TAG}"]
}

target "flask" {
  inherits   = ["image"]
  dockerfile = "docker/images/flask.Dockerfile"
  contexts = {
    python            = "target:python"
    soda-environment  = "target:soda-environment"
    flask-environment = "target:flask-environment"
  }
  tags = ["listening/flask:${IMAGE_TAG}"]
}

target "dashboard" {
  inherits   = ["image"]
  dockerfile = "docker/images/dashboard.Dockerfile"
  contexts   = { base = "target:base", node = "target:node" }
  tags       = ["listening/dashboard:${IMAGE_TAG}"]
}
