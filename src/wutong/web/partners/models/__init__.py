"""Tables of partners, re-exported: partners, people known and contacts with them; what local firms seek and who logs in for them."""

from wutong.web.partners.models.partners import (
    CONTACT_HOWS,
    LIGHTS,
    PARTNER_KINDS,
    PARTNER_STATES,
    Acquaintance,
    AcquaintanceQuerySet,
    Contact,
    Partner,
    PartnerQuerySet,
)
from wutong.web.partners.models.seekings import SEEKING_KINDS, SEEKING_STATES, FirmAccount, Seeking, SeekingQuerySet

__all__ = [
    "CONTACT_HOWS",
    "LIGHTS",
    "PARTNER_KINDS",
    "PARTNER_STATES",
    "SEEKING_KINDS",
    "SEEKING_STATES",
    "Acquaintance",
    "AcquaintanceQuerySet",
    "Contact",
    "FirmAccount",
    "Partner",
    "PartnerQuerySet",
    "Seeking",
    "SeekingQuerySet",
]
