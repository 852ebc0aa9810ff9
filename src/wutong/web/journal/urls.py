"""Addresses of the journal."""

from django.urls import path

from wutong.web.journal.views import calendar, duties, timeline

app_name = "journal"
urlpatterns = [
    path("duties/", duties.duty_list, name="list"),
    path("duties/export/", duties.duty_export, name="export"),
    path("duties/week/", duties.week, name="week"),
    path("duties/badge/", duties.badge, name="badge"),
    path("duties/new/", duties.duty_new, name="new"),
    path("duties/<uuid:pk>/", duties.duty_detail, name="duty"),
    path("duties/<uuid:pk>/finish/", duties.duty_finish, name="finish"),
    path("duties/<uuid:pk>/reopen/", duties.duty_reopen, name="reopen"),
    path("duties/<uuid:pk>/drop/", duties.duty_drop, name="drop"),
    path("duties/<uuid:pk>/snooze/", duties.duty_snooze, name="snooze"),
    path("duties/<uuid:pk>/give/", duties.duty_give, name="give"),
    path("duties/<uuid:pk>/time/", duties.duty_ask_for_time, name="ask-for-time"),
    path("requests/<uuid:pk>/decide/", duties.request_decide, name="decide"),
    path("requests/<uuid:pk>/withdraw/", duties.request_withdraw, name="withdraw-request"),
    path("of/<str:label>/<str:key>/", timeline.of_record, name="of"),
    path("of/<str:label>/<str:key>/comment/", timeline.comment_new, name="comment"),
    path("of/<str:label>/<str:key>/attach/", timeline.file_new, name="attach"),
    path("comments/<uuid:pk>/edit/", timeline.comment_edit, name="comment-edit"),
    path("comments/<uuid:pk>/withdraw/", timeline.comment_withdraw, name="comment-withdraw"),
    path("files/<uuid:pk>/", timeline.file, name="file"),
    path("files/<uuid:pk>/small/", timeline.file_small, name="file-small"),
    path("files/<uuid:pk>/released/", timeline.file_released, name="file-released"),
    path("files/<uuid:pk>/delete/", timeline.file_hide, name="file-hide"),
    path("files/<uuid:pk>/restore/", timeline.file_unhide, name="file-unhide"),
    path("reminders/", calendar.reminding, name="reminders"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/<int:year>/", calendar.year_edit, name="year"),
    path("calendar/<int:year>/drop/", calendar.year_drop, name="year-drop"),
]
