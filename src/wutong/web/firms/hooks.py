"""What firms offers to others."""

from functools import partial

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.rules.access import Permission
from wutong.web.firms import forms, rules, sheets
from wutong.web.firms.actions import adoption, honours, merging, remarks
from wutong.web.firms.actions import files as intake
from wutong.web.firms.models import NAME_KINDS, RELATION_KINDS
from wutong.web.firms.queries import briefs, files, hits, keeping, notes, tags, trials, waiting
from wutong.web.firms.views import exports
from wutong.web.firms.views import firms as views
from wutong.web.lib.exchange import Exporting, Importing, about
from wutong.web.lib.hooks import Fact, Merge, NavItem, Noted, Owned, Past, Personal, RuleTrial, SearchKind, UnitOwned
from wutong.web.lib.owed import Computed

NAVIGATION = (NavItem("firms:list", _("Firm registry"), "building-factory-2", Permission.FIRMS_VIEW, _("Industry"), order=120, phone=4),)
TRIALS = (RuleTrial("firms", _("Order of the makers of products"), ("find.",), trials.tried, trials.choices),)
WARM = (hits.warm,)
IMPORTS = (
    Importing(
        "firms.figures", _("Yearly figures of firms"), _("Notes revenue, employees, patents … of firms, a row a firm and year."),
        Permission.FIRMS_EDIT, files.figure_columns, files.judge_figures, intake.import_figures, ("firms.YearlyFigure", "firms.Firm"),
        lambda notes: "", any_of=files.NEEDED, key=("name", "uscc", "year"), form=forms.FiguresFileForm, is_judged_whole=True,
    ),
    Importing(
        "firms.tag_list", _("List that gives a tag"),
        _("Gives the firms of a published list their tag; what is not sure waits for a person."),
        Permission.FIRMS_TAG, files.tag_columns, files.judge_tags, honours.import_rows,
        ("firms.FirmList", "firms.FirmTag", "firms.TagDoubt", "firms.Firm"),
        lambda notes: reverse("firms:tag-list", args=[notes["list"]]) if "list" in notes else "", any_of=tags.LIST_NEEDS,
        form=forms.TagFileForm, icon="list-search", refused=files.refused_list,
    ),
    Importing(
        "firms.people", _("Contacts at firms"), _("Notes people at firms, with why and until when that may be kept."),
        Permission.FIRMS_EDIT, files.person_columns, files.judge_people, intake.import_people,
        ("firms.Person", "firms.Position", "firms.Firm"), lambda notes: "", any_of=files.NEEDED, key=("person", "title", "name", "uscc"),
        form=forms.PeopleFileForm, icon="user", is_judged_whole=True,
    ),
    Importing(
        "firms.names", _("Further names of firms"), _("Notes former and short names, by which lists are matched too."),
        Permission.FIRMS_EDIT, files.name_columns, files.judge_names, intake.import_names, ("firms.FirmName", "firms.Firm"),
        lambda notes: "", any_of=files.NEEDED, form=forms.SourceForm, is_judged_whole=True,
    ),
    Importing(
        "firms.relations", _("Relations of firms"), _("Notes suppliers, shareholders, partners … of firms."),
        Permission.FIRMS_EDIT, files.relation_columns, files.judge_relations, intake.import_relations,
        ("firms.Relation", "firms.Firm"), lambda notes: "", any_of=files.NEEDED, form=forms.SourceForm, is_judged_whole=True,
    ),
)  # fmt: skip
EXPORTS = (
    Exporting(
        "firms.list", _("Firms"), Permission.FIRMS_EXPORT, lambda user, query: str(_("Firms")), lambda user, query: sheets.COLUMNS,
        lambda user, query: sheets.rows(views.all_found(query)), "firms.list.export", "firms.Firm",
    ),
    Exporting(
        "firms.tag_overview", _("Tags"), Permission.FIRMS_EXPORT, lambda user, query: str(_("Tags")), lambda user, query: sheets.TAGS,
        exports.tag_rows, "firms.tag_overview.export",
    ),
    Exporting(
        "firms.lists", _("Imported lists"), Permission.FIRMS_EXPORT, lambda user, query: str(_("Imported lists")),
        lambda user, query: sheets.LISTS, lambda user, query: sheets.imported_rows(exports.lists_found(user, query)), "firms.lists.export",
        "firms.FirmList",
    ),
    Exporting(
        "firms.review", _("Review queue"), Permission.FIRMS_TAG, lambda user, query: str(_("Review queue")),
        lambda user, query: sheets.DOUBTS, lambda user, query: sheets.doubt_rows(exports.doubts_found(user, query)), "firms.review.export",
        "firms.TagDoubt", is_open=lambda user, query: user.may(Permission.FIRMS_EXPORT),
    ),
    Exporting(
        "firms.suspects", _("Suspected duplicates"), Permission.FIRMS_EXPORT, lambda user, query: str(_("Suspected duplicates")),
        lambda user, query: sheets.SUSPECTS, exports.suspect_rows, "firms.suspects.export", "firms.Firm",
    ),
    Exporting(
        "firms.mergers", _("Mergers of firms"), Permission.FIRMS_EXPORT, lambda user, query: str(_("Mergers of firms")),
        lambda user, query: sheets.MERGERS, lambda user, query: sheets.merger_rows(exports.mergers_found(user, query)),
        "firms.mergers.export", "firms.Merger",
    ),
    Exporting(
        "firms.compare", _("Two firms side by side"), Permission.FIRMS_EXPORT, exports.compare_title,
        lambda user, query: sheets.compare_columns(exports.compared(user, query)),
        lambda user, query: sheets.compare_rows(exports.compared(user, query)), "firms.compare.export", "firms.Firm",
        lambda user, query: sheets.compare_notes(exports.compared(user, query)),
    ),
)  # fmt: skip
ACTIONS = (
    ("firms.take_on", _("took a firm on")),
    ("firms.follow", _("followed a firm")),
    ("firms.unfollow", _("stopped following a firm")),
    ("firms.hand_over_follows", _("handed followed firms over")),
    ("firms.list.export", _("exported firms")),
    ("firms.note_name", _("noted a further name of a firm")),
    ("firms.drop_name", _("took a further name back")),
    ("firms.note_relation", _("noted a relation of firms")),
    ("firms.drop_relation", _("took a relation back")),
    ("firms.note_figure", _("noted a yearly figure")),
    ("firms.drop_figure", _("took a yearly figure back")),
    ("firms.import_figures", _("took in a list of yearly figures")),
    ("firms.note_person", _("noted a person at a firm")),
    ("firms.change_person", _("changed a person at a firm")),
    ("firms.note_position", _("noted for which firm a person speaks")),
    ("firms.drop_position", _("took back for which firm a person speaks")),
    ("firms.erase_person", _("erased a person at a firm")),
    ("firms.reveal_person", _("looked at contact data in full")),
    ("firms.hand_over_notes", _("handed notes about firms over")),
    ("firms.repoint", _("moved what is known of a firm to the firm it turned out to be")),
    ("firms.ask_to_merge", _("asked for two firms to be merged")),
    ("firms.merge", _("merged two firms")),
    ("firms.send_merger_back", _("sent a merger back")),
    ("firms.undo_merger", _("undid a merger")),
    ("firms.keep_apart", _("found two firms to be different")),
    ("firms.suspects.export", _("exported suspected duplicates")),
    ("firms.mergers.export", _("exported mergers of firms")),
    ("firms.tags.export", _("exported a list of tagged firms")),
    ("firms.tag_overview.export", _("exported the tags")),
    ("firms.lists.export", _("exported the imported lists")),
    ("firms.review.export", _("exported doubtful rows of lists")),
    ("firms.compare.export", _("exported two firms side by side")),
    ("firms.import_list", _("imported a list that gives a tag")),
    ("firms.revoke_list", _("took an imported list back")),
    ("firms.restore_list", _("restored an imported list")),
    ("firms.decide_doubt", _("decided a doubtful row of a list")),
    ("firms.reopen_doubt", _("undid a decision about a row of a list")),
)
_NOTES = "what a person noted of firms and people goes to whoever takes over"
OWNED = (
    Owned("firms.Follow", "user", "a person's followed firms go to whoever takes over", adoption.hand_over_follows, Permission.FIRMS_VIEW),
    *(
        Owned(f"firms.{model}", "noted_by", _NOTES, remarks.hand_over_notes, Permission.FIRMS_EDIT)
        for model in ("FirmName", "Relation", "YearlyFigure", "Person")
    ),
    Owned("firms.FirmList", "imported_by", "who imported a list stays a fact of the past"),
    Owned("firms.FirmList", "revoked_by", "who took a list back stays a fact of the past"),
    *(Owned("firms.Merger", field, "who merged firms stays a fact of the past") for field in ("asked_by", "decided_by", "undone_by")),
    Owned("firms.TagDoubt", "decided_by", "who decided a row stays a fact of the past"),
)
_MERGED = "what is known of a firm holds for the firm that it turned out to be"
_UNITS = {"FirmName": "unit", "Relation": "unit", "YearlyFigure": "unit", "Position": "person__unit"}
_ALSO = {"FirmTag": tags.doubts_of_tags}
MERGE = (
    *(
        Merge(
            f"firms.{model}",
            field,
            _MERGED,
            partial(merging.repoint, model=model, field=field),
            also=_ALSO.get(model),
            alike=alike,
            unit=_UNITS.get(model, ""),
        )
        for (model, field), alike in rules.ALIKE.items()
    ),
    Merge("firms.Firm", "merged_into", "which firm another turned out to be stays on record"),
    Merge("firms.Merger", "kept", "which firms were merged stays on record"),
    Merge("firms.Merger", "gone", "which firms were merged stays on record"),
)
SEARCH = (
    SearchKind("firms.firm", _("Firms taken on"), "building", Permission.FIRMS_VIEW, hits.taken_on, order=10),
    SearchKind(
        "firms.registry",
        _("Firms of the registry"),
        "building-factory-2",
        Permission.FIRMS_VIEW,
        hits.in_registry,
        hits.search_list,
        order=20,
    ),
    SearchKind("firms.product", _("Products"), "list", Permission.FIRMS_VIEW, hits.products, order=50),
    SearchKind("firms.person", _("People at firms"), "user", Permission.FIRMS_EDIT, hits.people, order=60),
)
DUTIES = (
    Computed(
        waiting.MERGER, _("merger of firms to look at"), Permission.FIRMS_MERGE_CHECK, waiting.merger_rows, waiting.mergers_drawn,
        waiting.all_mergers, waiting.merger_people,
    ),
    Computed(
        keeping.SOURCE, _("contact to renew or erase"), Permission.FIRMS_EDIT, keeping.rows, keeping.drawn, keeping.all_rows,
        keeping.people,
    ),
    Computed(waiting.REVIEW, _("lists to check"), Permission.FIRMS_TAG, waiting.review_rows, waiting.review_drawn),
)  # fmt: skip
HISTORY = (
    Past(
        "firms.Firm",
        key="firm_id",
        told=notes.told_of_firm,
        hidden=("firms.follow", "firms.unfollow"),
        noted=Noted(
            address=lambda firm_id: reverse("firms:detail", args=[firm_id]),
            is_shared=True,
            name_before=briefs.name_of,
            take_on=lambda key, by, at: adoption.take_on(firm_id=key, by=by, at=at),
        ),
    ),
    Past("firms.FirmList"),
    Past("firms.Person", told=notes.told_of_person),
)
_PERSONAL = {
    "name": pgettext_lazy("person", "name"),
    "phone": _("telephone"),
    "email": _("e-mail"),
    "note": _("note"),
    "title": _("position"),
}
FACTS = (
    Fact("as_of", _("day of the list"), action="firms."),
    Fact("build", _("build it was taken from"), action="firms."),
    Fact("dropped", _("followed by the other already"), action="firms.hand_over_follows"),
    Fact("dropped", _("rows that both had"), action="firms.repoint"),
    Fact("codes", _("credit codes, which differ"), action="firms."),
    Fact("into", _("firm to merge it into"), action="firms."),
    Fact("kept", _("firm kept"), action="firms."),
    Fact("with", _("other firm"), action="firms."),
    Fact("field", _("field"), {"firm": _("firm"), "other": _("other firm")}, action="firms."),
    Fact("from", _("from the firm"), action="firms.repoint"),
    Fact("to", _("to the firm"), action="firms.repoint"),
    Fact("model", _("kind of row"), {name: model._meta.verbose_name_plural for name, model in merging.MERGED.items()}, action="firms."),
    Fact("moved", _("rows taken over"), action="firms.repoint"),
    Fact("rows", _("rows taken over"), action="firms.merge"),
    Fact("rows", _("rows put back"), action="firms.undo_merger"),
    Fact("fields", _("fields filled in"), _PERSONAL, action="firms."),
    Fact("figures", _("figures"), action="firms."),
    Fact("firm", _("firm"), action="firms."),
    Fact("firm_id", _("registry id"), action="firms."),
    Fact("firm_ids", _("registry ids"), action="firms."),
    Fact("kind", _("kind of name"), NAME_KINDS, action="firms.note_name"),
    Fact("kind", _("kind of name"), NAME_KINDS, action="firms.drop_name"),
    Fact("kind", _("relation"), RELATION_KINDS, action="firms.note_relation"),
    Fact("kind", _("relation"), RELATION_KINDS, action="firms.drop_relation"),
    Fact("list", _("list"), action="firms."),
    Fact("measure", _("measure"), action="firms."),
    Fact("name", _("further name"), action="firms.note_name"),
    Fact("until_on", _("in use until"), action="firms.note_name"),
    Fact("name", _("further name"), action="firms.drop_name"),
    Fact("not_found", _("rows not found"), action="firms."),
    Fact("other", _("other firm"), action="firms."),
    Fact("outcome", _("outcome"), action="firms."),
    Fact("row", _("row of the file"), action="firms."),
    Fact("tag", _("tag"), action="firms."),
    Fact("tagged", _("firms tagged"), action="firms."),
    Fact("title", _("position"), action="firms."),
    Fact("value", _("value"), action="firms."),
    Fact("waiting", _("waiting for review"), action="firms."),
    Fact("year", _("year"), action="firms."),
)
PERSONAL = (
    Personal(
        "firms.Person",
        ("name", "phone", "email", "note"),
        _("investment promotion, service of an investor or introductions, as each row says"),
        _("consent, own publication or a statutory duty, as each row says with its source"),
        _("until the day that each row names"),
        _("erased for good on the page of the person, by the unit that noted it"),
        until="retain_until",
        unit="unit",
        finds=("name", "phone", "email"),
        more=("purpose", "basis", "consent_source", "consented_on", "retain_until", "unit"),
    ),
    Personal(
        "firms.Position",
        ("title",),
        _("to know for whom a person at a firm speaks"),
        _("consent, own publication or a statutory duty, as each row says with its source"),
        _("as long as the person is kept"),
        _("erased for good on the page of the person, by the unit that noted it"),
        finds=("person__name", "person__phone", "person__email"),
        more=("firm", "starts_on", "ends_on"),
    ),
)
UNIT_OWNED = tuple(
    UnitOwned(f"firms.{model}", "unit", "what a unit noted of firms goes to the unit it is merged into", is_moved=True)
    for model in ("FirmName", "Relation", "YearlyFigure", "Person")
)
EVENTS = (
    *about(
        "firms.Firm", "firms.take_on", "firms.note_name", "firms.drop_name", "firms.note_relation", "firms.drop_relation",
        "firms.note_figure", "firms.drop_figure", "firms.merge", "firms.undo_merger",
        page=lambda firm: reverse("firms:detail", args=[firm.firm_id]), details=lambda firm: reverse("api-1:firm", args=[firm.firm_id]),
    ),
    *about(
        "firms.FirmList", "firms.import_list", "firms.revoke_list", "firms.restore_list",
        page=lambda found: reverse("firms:tag-list", args=[found.public_id]),
    ),
)  # fmt: skip
