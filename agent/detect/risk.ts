/** How much a recurring transfer matters: points for what is known of it. Pure. */
export type { Disposition, Risk, RiskInput, RiskPlatform, Volume } from './risk-types.ts'
