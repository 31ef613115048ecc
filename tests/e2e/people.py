"""Many invented engineers at once, each wanting jobs with three skills that few others want."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from services.web import repository
from shared.database import Database
from shared.models import SubscriptionRow
from shared.posting import Level, Place, Role
from shared.profile import Profile, ProfileSkill
from shared.reading.skills import find_skills

GROUPS = [
    line.split(", ")
    for line in """Haskell, RabbitMQ, CockroachDB
Elixir, Cassandra, Nomad
Scala, ClickHouse, Pulumi
Clojure, Neo4j, Ansible
Erlang, RocksDB, HAProxy
Nginx, InfluxDB, Packer
Perl, MariaDB, Puppet
COBOL, Db2, Splunk
Fortran, NumPy, OpenStack
Solidity, TiDB, Pulsar
Julia, DuckDB, Dagster
Lua, Memcached, Envoy
Groovy, Couchbase, Jenkins
Dart, Firebase, CircleCI
Laravel, MySQL, Vagrant
Drupal, Elm, Tomcat
Django, Celery, Sentry
Quarkus, ActiveMQ, OpenShift
Blazor, Azure Functions, WPF
ZeroMQ, Apache Flink, Spinnaker
NestJS, MongoDB, Heroku
HTMX, TimescaleDB, NATS
Rust, eBPF, Consul
Zig, Bazel, Nix
Symfony, Apache Solr, New Relic
FastAPI, pgvector, Temporal
Netty, ZooKeeper, Jaeger
Dropwizard, HBase, Apache Hive
Koa, DynamoDB, AWS Lambda
Sidekiq, Algolia, PagerDuty
Kotlin, Google Pub/Sub, Argo CD
C#, RocketMQ, DigitalOcean
Go, gRPC, Istio
Terraform, Redis, Kafka""".splitlines()
]
"""One line, one group: what its jobs ask for and its engineers bring."""


def address(number: int) -> str:
    return f"engineer-{number}@example.org"


def profile(group: int) -> Profile:
    skills = dict.fromkeys(mention.skill for mention in find_skills(", ".join(GROUPS[group])))
    return Profile(
        headline="Senior Backend Engineer",
        skills=tuple(ProfileSkill(skill=skill) for skill in skills),
        role=Role.BACKEND,
        level=Level.SENIOR,
        places=(Place(city="Singapore", country="SG"),),
    )


async def subscribe(
    database: Database, groups: Sequence[int], now: datetime, *, cadence: str = "weekly", first: int = 0
) -> list[SubscriptionRow]:
    """One active subscription for each of `groups`, numbered from `first`; their own digest day is days away."""
    async with database.begin() as session:
        return [await _subscribe(session, number, group, now, cadence) for number, group in enumerate(groups, first)]


async def _subscribe(session: AsyncSession, number: int, group: int, now: datetime, cadence: str) -> SubscriptionRow:
    weekday, hour = (now + timedelta(days=3)).weekday(), (now.hour + 12) % 24
    return await repository.create(
        session,
        email=address(number),
        profile=profile(group),
        state=repository.ACTIVE,
        cadence=cadence,
        weekday=weekday,
        hour=hour,
        now=now,
    )
