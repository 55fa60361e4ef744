import { defineConfig, mergeConfig } from "vitest/config";
import shared from "../../vitest.config.ts";

const config = mergeConfig(shared, defineConfig({}));
config.test.include = ["tests/console/*.pictures.ts"];

export default config;
