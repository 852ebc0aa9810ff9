"""Addresses of the batches room."""

from django.urls import path

from wutong.web.batches.views import exports, imports, registry, rows

app_name = "batches"
urlpatterns = [
    path("imports/", imports.import_list, name="imports"),
    path("imports/export/", imports.import_export, name="imports-export"),
    path("imports/new/<str:code>/", imports.import_new, name="import-new"),
    path("imports/template/<str:code>/", imports.template, name="template"),
    path("imports/<uuid:pk>/", imports.import_detail, name="import"),
    path("imports/<uuid:pk>/columns/", imports.import_columns, name="import-columns"),
    path("imports/<uuid:pk>/faults/", imports.import_faults, name="import-faults"),
    path("imports/<uuid:pk>/rows/<int:line>/", rows.import_row, name="import-row"),
    path("imports/<uuid:pk>/start/", imports.import_start, name="import-start"),
    path("imports/<uuid:pk>/undo/", imports.import_undo, name="import-undo"),
    path("imports/<uuid:pk>/keep/", imports.import_keep, name="import-keep"),
    path("imports/<uuid:pk>/drop/", imports.import_drop, name="import-drop"),
    path("exports/", exports.export_list, name="files"),
    path("exports/new/<str:code>/", exports.export_new, name="file-new"),
    path("exports/<uuid:pk>/", exports.export_detail, name="file"),
    path("exports/<uuid:pk>/file/", exports.export_file, name="file-download"),
    path("exports/<uuid:pk>/drop/", exports.export_drop, name="file-drop"),
    path("registry/", registry.registry_list, name="registry"),
    path("registry/<uuid:pk>/", registry.registry_file, name="registry-file"),
    path("registry/<uuid:pk>/build/", registry.registry_build, name="registry-build"),
    path("registry/builds/<str:build_id>/serve/", registry.registry_serve, name="registry-serve"),
    path("registry/builds/<str:build_id>/rejects/", registry.registry_rejects, name="registry-export-rejects"),
]
