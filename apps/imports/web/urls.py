from __future__ import annotations

urlpatterns = []
app_name = "imports"
