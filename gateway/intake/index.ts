export { createIntake, type IntakeParts, type IntakeStage } from './intake.ts';
export { INTAKE_LIMITS, type IntakeLimits } from './resolve.ts';
