"use strict";
const target = document.getElementById("swagger-ui");
SwaggerUIBundle({
  url: target.dataset.url,
  domNode: target,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
});
