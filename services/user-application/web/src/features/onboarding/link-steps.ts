// The steps that need the link builder, loaded together.
export { FirstLinkStep } from "./first-link-step";
export { ReadyStep } from "./ready-step";
