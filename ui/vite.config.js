import { resolve } from "node:path";
import { defineConfig } from "vite";

// The licence notes travel with the bundle, since the report is handed on as one file.
const notice = [
  "/*! gigawatt report script, Apache-2.0.",
  "Contains Apache ECharts (Apache-2.0, Copyright 2017-2026 The Apache Software Foundation),",
  "zrender (BSD-3-Clause, Copyright 2017 Baidu Inc.) and tslib (0BSD, Microsoft Corporation). */",
].join(" ");

export default defineConfig({
  define: { "process.env.NODE_ENV": JSON.stringify("production"), __DEV__: "false" },
  build: {
    outDir: "../gigawatt/report/static",
    emptyOutDir: false,
    copyPublicDir: false,
    target: "es2020",
    minify: true,
    lib: {
      entry: resolve(import.meta.dirname, "src/main.js"),
      name: "gigawattReport",
      formats: ["iife"],
      fileName: () => "charts.js",
    },
    rolldownOptions: { output: { postBanner: notice } },
  },
});
