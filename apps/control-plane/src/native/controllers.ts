import { ChangeSetsController } from './change-sets.controller.js';
import { ChangesController } from './changes.controller.js';
import { DiffController } from './diff.controller.js';
import { EventsController } from './events.controller.js';
import { ExplainController } from './explain.controller.js';
import { HealthController } from './health.controller.js';
import { HostsController } from './hosts.controller.js';
import { InstanceRulesController } from './instance-rules.controller.js';
import { LogHeadController } from './log-head.controller.js';
import { OpenApiController } from './openapi.controller.js';
import { RefusalsController } from './refusals.controller.js';
import { UndoController } from './undo.controller.js';
import { VerificationController } from './verification.controller.js';

/** All that answers under `/v1`; `routes.ts` says what. */
export const NATIVE_CONTROLLERS = [
  HealthController,
  OpenApiController,
  HostsController,
  ChangesController,
  EventsController,
  UndoController,
  ChangeSetsController,
  VerificationController,
  LogHeadController,
  ExplainController,
  InstanceRulesController,
  DiffController,
  RefusalsController,
] as const;
