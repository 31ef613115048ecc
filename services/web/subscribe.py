"""Subscribing: paste a CV or choose its file, see what was read from it, correct it, ask for the mail, confirm."""

import asyncio
from functools import partial
from typing import Any

import structlog
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from services.web import draft, repository
from services.web.address import parse_email
from services.web.draft import Draft
from services.web.pages import page
from services.web.site import Site
from shared.apart import read_apart
from shared.errors import NotReady, UnreadableInput
from shared.links import CONFIRM
from shared.profile import Profile
from shared.reading.documents import MAX_BYTES, Document, read_pasted
from shared.reading.profile import read_profile_document

log = structlog.get_logger()

MAX_FIELDS = 500
MAX_SEALED = 400_000
WAIT = 15
"""Seconds that a file waits for others to be read."""


def routes(site: Site) -> list[BaseRoute]:
    """The pages on the way to a subscription."""
    return [
        Route("/", landing),
        Route("/preview", partial(preview, site), methods=["POST"]),
        Route("/subscribe", partial(subscribe, site), methods=["POST"]),
        Route("/confirm/{token}", partial(ask_to_confirm, site)),
        Route("/confirm/{token}", partial(confirm, site), methods=["POST"]),
    ]


async def landing(request: Request) -> Response:
    return page(request, "landing", draft=Draft(), cv="", error=None)


async def preview(site: Site, request: Request) -> Response:
    """What was read from the CV. Nothing is stored."""
    site.limit_client(site.rates.readings, request)
    form = await _form(request, files=1)
    try:
        parse_email(Draft.typed(form).email)
        Draft.typed(form).schedule()
        document = await _document(site, form)
        profile = await run_in_threadpool(read_profile_document, document, today=site.clock().date())
    except UnreadableInput as error:
        text = draft.field(form, "cv", draft.MAX_CV)
        return page(request, "landing", status=422, draft=Draft.typed(form), cv=text, error=error)
    return await _preview(site, request, profile, Draft.read(profile, form), None)


async def subscribe(site: Site, request: Request) -> Response:
    """Store the profile as its owner left it, still to be confirmed. The answer never tells whether an address is known."""
    site.limit_client(site.rates.requests, request)
    form = await _form(request)
    typed = Draft.typed(form)
    profile = _unsealed(site, form)
    try:
        email = parse_email(typed.email)
        wanted = typed.corrected(profile)
        columns = {**typed.filter(), **typed.schedule().columns()}
    except UnreadableInput as error:
        return await _preview(site, request, profile, typed, error)
    if not draft.field(form, "website", 1):  # a person cannot see this field; a robot fills it in
        site.limit(site.rates.addresses, email)
        await _store(site, email, wanted, columns)
    return page(request, "inbox", email=email)


async def ask_to_confirm(site: Site, request: Request) -> Response:
    """Only shows a button: mail scanners open every link."""
    row = await site.find(CONFIRM, request.path_params["token"])
    return page(request, "confirm", row=row)


async def confirm(site: Site, request: Request) -> Response:
    row = await site.apply(repository.confirm, CONFIRM, request.path_params["token"])
    return page(request, "confirmed", row=row, manage=site.links.manage(row.id or 0))


async def _form(request: Request, *, files: int = 0) -> FormData:
    return await request.form(max_files=files, max_fields=MAX_FIELDS, max_part_size=MAX_BYTES)


async def _document(site: Site, form: FormData) -> Document:
    """The CV: the file that was chosen, else the text that was pasted. Raises `UnreadableInput`, or `NotReady` in a rush."""
    body = await draft.uploaded(form)
    if body is None:
        return read_pasted(draft.cv(form))
    try:
        await asyncio.wait_for(site.readers.acquire(), WAIT)
    except TimeoutError:
        message = "many files are being read just now; try again in a minute, or paste the text of your CV"
        raise NotReady(message, code="readers_busy") from None
    try:
        return await run_in_threadpool(read_apart, body)
    finally:
        site.readers.release()


def _unsealed(site: Site, form: FormData) -> Profile:
    """The profile that `preview` sealed. Raises `UnreadableInput`."""
    try:
        return Profile.model_validate_json(site.links.unseal(draft.field(form, "profile", MAX_SEALED)))
    except ValidationError:  # sealed by an older version of ours
        raise UnreadableInput("this form is too old; paste your CV again", code="form_invalid") from None


async def _preview(site: Site, request: Request, profile: Profile, shown: Draft, error: UnreadableInput | None) -> Response:
    """The form with what was read, and open jobs that fit it as it was read."""
    return page(
        request,
        "preview",
        status=422 if error else 200,
        profile=profile,
        draft=shown,
        sealed=site.links.seal(profile.model_dump_json()),
        found=await site.jobs_for(profile),
        error=error,
    )


async def _store(site: Site, email: str, profile: Profile, columns: dict[str, Any]) -> None:
    async with site.database.begin() as session:
        row = await repository.create(session, email=email, profile=profile, now=site.clock(), **columns)
    log.info("subscription_asked_for", subscription_id=row.id, revision=row.revision)
    await site.tell()
