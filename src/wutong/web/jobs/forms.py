"""Filters of the lists, and the forms of a robot and of a subscription of events."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.jobs import queries
from wutong.web.jobs.models import JobQuerySet, MessageQuerySet, Robot, Webhook, WebhookQuerySet
from wutong.web.jobs.models.job import STATES
from wutong.web.jobs.models.message import CHANNELS, MESSAGE_STATES
from wutong.web.jobs.models.webhook import WEBHOOK_STATES
from wutong.web.jobs.rules import Channel
from wutong.web.lib import exchange


class JobFilter(forms.Form):
    """What to look for among the jobs."""

    whose = forms.ChoiceField(label=_("Whose"), required=False, choices=[("", _("My own")), ("all", _("Everybody's"))])
    kind = forms.ChoiceField(label=pgettext_lazy("job", "Kind"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        self.fields["kind"].choices = [("", _("All kinds")), *queries.kinds()]  # type: ignore[attr-defined]
        self.fields["state"].choices = [("", _("All states")), *((s.value, label) for s, label in STATES.items())]  # type: ignore[attr-defined]
        if not user.may(Permission.JOBS_VIEW):
            del self.fields["whose"]

    def filtered(self, found: JobQuerySet) -> JobQuerySet:
        """The jobs that match; a filter that cannot be read is left out and shown as faulty."""
        self.is_valid()
        return queries.matching(found, self._user, **self.cleaned_data)


class MessageFilter(forms.Form):
    """What to look for among one's messages."""

    text = forms.CharField(label=_("Keywords"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), ("unread", _("Unread")), ("read", pgettext_lazy("message", "Read"))]
    )

    def filtered(self, found: MessageQuerySet) -> MessageQuerySet:
        """The messages that match."""
        self.is_valid()
        return queries.messages_matching(found, **self.cleaned_data)


class OutboxFilter(forms.Form):
    """What to look for in the outbox."""

    state = forms.ChoiceField(label=_("State"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    webhook = forms.UUIDField(label=_("Event subscription"), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("All states")), *((s.value, label) for s, label in MESSAGE_STATES.items())]  # type: ignore[attr-defined]
        outside = [(c.value, label) for c, label in CHANNELS.items() if c != Channel.IN_APP]
        self.fields["channel"].choices = [("", _("All channels")), *outside]  # type: ignore[attr-defined]

    def filtered(self, found: MessageQuerySet) -> MessageQuerySet:
        """The messages that match."""
        self.is_valid()
        return queries.outbox_matching(found, **self.cleaned_data)


class DeliveryFilter(OutboxFilter):
    """What to look for among the events of one subscription."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["channel"], self.fields["webhook"]


class RobotForm(forms.ModelForm):  # type: ignore[type-arg]
    """A robot of a group chat; address and secret are typed in and never shown again."""

    address = forms.CharField(
        label=_("Webhook address"), max_length=1000, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "As the chat shows it when the robot is added. Whoever has it can post to the group, so it is kept encrypted."
        ),
    )  # fmt: skip
    secret = forms.CharField(
        label=_("Secret"), max_length=200, required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("DingTalk only: the secret of the safety setting “signature”, SEC…. Kept encrypted and never shown again."),
    )  # fmt: skip

    class Meta:
        model = Robot
        fields = ("name", "channel", "language", "is_active")

    field_order = ("name", "channel", "address", "secret", "language", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["address"].required = False
            self.fields["address"].label = _("New webhook address (empty: as it is)")
            self.fields["secret"].label = _("New secret (empty: as it is)")


class WebhookFilter(forms.Form):
    """What to look for among the subscriptions of events."""

    text = forms.CharField(label=_("Keywords"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All but deleted")), *((s.value, label) for s, label in WEBHOOK_STATES.items())]
    )

    def filtered(self, found: WebhookQuerySet) -> WebhookQuerySet:
        """The subscriptions that match."""
        self.is_valid()
        return queries.webhooks_matching(found, **self.cleaned_data)


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """People, each with the unit."""

    def label_from_instance(self, obj: Any) -> str:
        """Name, user name and unit, for names occur twice."""
        return f"{obj} ({obj.username}) · {obj.unit}"


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    """A subscription of events; its address is typed in and not shown again."""

    address = forms.CharField(
        label=_("Receiver's address"), max_length=1000, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("https://…; the other system says which. It is kept encrypted."),
    )  # fmt: skip
    person = PersonChoice(
        label=_("By whose rights"), queryset=User.objects.get_queryset().none(), to_field_name="public_id",
        help_text=_("The receiver is told only of records that this person may see. The person is asked for consent first."),
    )  # fmt: skip
    events = forms.MultipleChoiceField(
        label=_("Events"), widget=forms.CheckboxSelectMultiple,
        help_text=_("Told are the kind of event, the time, the unit and the record's id; no names and no contents."),
    )  # fmt: skip

    class Meta:
        model = Webhook
        fields = ("name", "person", "events")

    field_order = ("name", "address", "person", "events")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.visible_to(user).filter(is_active=True)
        self.fields["person"].queryset = people.select_related("unit").order_by("unit__path", "username")  # type: ignore[attr-defined]
        known = sorted(exchange.events().values(), key=lambda event: event.action)
        self.fields["events"].choices = [(event.action, f"{event.name} · {event.action}") for event in known]  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["person"] = self.instance.person.public_id
            self.fields["address"].required = False
            self.fields["address"].label = _("New address (empty: as it is)")
