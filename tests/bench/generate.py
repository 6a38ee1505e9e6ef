#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a base and a production override of N services, shaped like the files of a web shop.

usage: generate.py N FOLDER     -> FOLDER/base.yml, FOLDER/prod.yml, FOLDER/prod-map.yml

Each service of the base has comments, an alias, a short-syntax port, volumes, labels and an environment map; the override
replaces the image, changes and adds variables in list form, resets a list, overrides another and adds a new mapping: every
kind of edit, in every service. prod-map.yml is the same with environment as a map, for tools that cannot lay a list over a map.
"""

import os
import sys

HEAD = """\
# the shop: what every environment shares
name: shop

x-logs: &logs
  driver: json-file
  options:
    max-size: "10m"   # a day of logs
    max-file: "3"

services:
"""

SERVICE = """\
  # part {i}: built here
  part{i}:
    image: registry.example.com/shop/part{i}:${{TAG:-latest}}
    build:
      context: ./part{i}
      args:
        RUBY_VERSION: "3.3"
    command: ["bin/rails", "server", "-b", "0.0.0.0"]
    restart: unless-stopped
    logging: *logs
    environment:
      RAILS_ENV: development
      DATABASE_URL: postgres://shop:shop@database{db}:5432/part{i}
      REDIS_URL: redis://redis:6379/{redis}
      LOG_LEVEL: debug    # chatty while we work on it
    ports:
      - "{port}:3000"
    volumes:
      - ./part{i}:/rails
      - gems:/usr/local/bundle
    labels:
      - "traefik.enable=true"
      - "traefik.http.routers.part{i}.rule=Host(`part{i}.example.com`)"
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:3000/up"]
      interval: 30s
      timeout: 5s
      retries: 3

"""

TAIL = """\
volumes:
  gems:
"""

OVERRIDE = """\
  part{i}:
    image: registry.example.com/shop/part{i}:production
    environment:
{environment}    volumes: !reset []
    ports: !override
      - "{port}:3000"
    deploy:
      replicas: 2
      resources:
        limits:
          cpus: "0.50"
          memory: 512M
"""

ENVIRONMENTS = {
    "prod.yml": """\
      - RAILS_ENV=production
      - LOG_LEVEL=info
      - SECRET_KEY_BASE
""",
    "prod-map.yml": """\
      RAILS_ENV: production
      LOG_LEVEL: info
      SECRET_KEY_BASE:
""",
}


def write(n, folder):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "base.yml"), "w") as f:
        f.write(HEAD)
        for i in range(n):
            f.write(SERVICE.format(i=i, db=i % 5, redis=i % 16, port=20000 + i % 20000))
        f.write(TAIL)
    for name, environment in ENVIRONMENTS.items():
        with open(os.path.join(folder, name), "w") as f:
            f.write("services:\n")
            for i in range(n):
                f.write(OVERRIDE.format(i=i, port=40000 + i % 20000, environment=environment))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write(int(sys.argv[1]), sys.argv[2])
