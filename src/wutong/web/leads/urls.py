"""Addresses of the room leads."""

from django.urls import path

from wutong.web.leads.views import choosing, confidential, knocks, lists, results, rows, tables, together

app_name = "leads"
urlpatterns = [
    path("lists/", lists.list_list, name="list"),
    path("lists/export/", lists.list_export, name="export"),
    path("lists/new/", lists.list_new, name="new"),
    path("lists/put/", choosing.put, name="put"),
    path("lists/put/new/", choosing.put_new, name="put-new"),
    path("lists/put/known/", choosing.put_known, name="put-known"),
    path("lists/<uuid:pk>/", tables.detail, name="detail"),
    path("lists/<uuid:pk>/edit/", lists.list_edit, name="edit"),
    path("lists/<uuid:pk>/confidential/", confidential.confidential, name="confidential"),
    path("lists/<uuid:pk>/know/", confidential.let_know, name="let-know"),
    path("lists/<uuid:pk>/forget/<uuid:named>/", confidential.let_forget, name="let-forget"),
    path("lists/<uuid:pk>/close/", lists.list_close, name="close"),
    path("lists/<uuid:pk>/reopen/", lists.list_reopen, name="reopen"),
    path("lists/<uuid:pk>/add/", choosing.list_add, name="add"),
    path("lists/<uuid:pk>/assign/", together.assign, name="assign"),
    path("lists/<uuid:pk>/off/", together.work, {"what": "off"}, name="off-several"),
    path("lists/<uuid:pk>/plan/", together.work, {"what": "plan"}, name="plan-several"),
    path("lists/<uuid:pk>/end/", together.work, {"what": "end"}, name="end-several"),
    path("lists/<uuid:pk>/transfer/", together.transfer, name="transfer"),
    path("lists/<uuid:pk>/undo/", together.undo, name="undo"),
    path("lists/<uuid:pk>/export/", tables.rows_export, name="rows-export"),
    path("lists/rows/", tables.row_list, name="rows"),
    path("lists/rows/export/", tables.all_rows_export, name="all-rows-export"),
    path("lists/knocks/", knocks.knock_list, name="knocks"),
    path("lists/knocks/export/", knocks.knocks_export, name="knocks-export"),
    path("rows/<uuid:pk>/", rows.row_detail, name="row"),
    path("rows/<uuid:pk>/knock/", knocks.knock, name="knock"),
    path("rows/<uuid:pk>/plan/", rows.row_plan, name="plan"),
    path("rows/<uuid:pk>/settle/", rows.row_settle, name="settle"),
    path("rows/<uuid:pk>/reopen/", rows.row_reopen, name="row-reopen"),
    path("rows/<uuid:pk>/remove/", rows.row_remove, name="remove"),
    path("rows/<uuid:pk>/restore/", rows.row_restore, name="restore"),
    path("rows/<uuid:pk>/move/", rows.row_move, name="move"),
    path("knocks/<uuid:pk>/correct/", knocks.knock_correct, name="correct"),
    path("mine/", tables.mine, name="mine"),
    path("mine/export/", tables.mine_export, name="mine-export"),
    path("results/", results.results, name="results"),
    path("results/export/", results.results_export, name="results-export"),
    path("of-firm/<str:firm_id>/", tables.of_firm, name="of-firm"),
]
