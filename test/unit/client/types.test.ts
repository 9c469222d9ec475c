import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { z } from 'zod';
import type * as sdk from '../../../api/client/index.ts';
import type * as schemas from '../../../api/schemas/index.ts';

/** True only for types that are each other's equal, member by member. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Intersections and interfaces written out, so that only their members count. */
type Flat<T> = T extends (infer Item)[] ? Flat<Item>[] : T extends object ? { [K in keyof T]: Flat<T[K]> } : T;
type Equal<A, B> = Same<Flat<A>, Flat<B>>;
type Inferred<K extends keyof typeof schemas> = (typeof schemas)[K] extends z.ZodType
  ? z.output<(typeof schemas)[K]>
  : never;

// The compiler is the judge: a member that differs makes its line an error of `tsc`.
const equal = {
  Fax: true satisfies Equal<sdk.Fax, Inferred<'FaxView'>>,
  AdminFax: true satisfies Equal<sdk.AdminFax, Inferred<'AdminFaxView'>>,
  Live: true satisfies Equal<sdk.Live, Inferred<'LiveView'>>,
  FaxProgress: true satisfies Equal<sdk.FaxProgress, Inferred<'FaxProgressView'>>,
  FaxList: true satisfies Equal<sdk.List<sdk.Fax>, Inferred<'FaxList'>>,
  Batch: true satisfies Equal<sdk.Batch, Inferred<'BatchView'>>,
  PageInfo: true satisfies Equal<sdk.PageInfo, Inferred<'PageView'>>,
  CallInfo: true satisfies Equal<sdk.CallInfo, Inferred<'CallView'>>,
  LedgerEvent: true satisfies Equal<sdk.LedgerEvent, Inferred<'EventView'>>,
  EventPage: true satisfies Equal<sdk.EventPage, Inferred<'EventPage'>>,
  Cdr: true satisfies Equal<sdk.Cdr, Inferred<'CdrView'>>,
  CdrSummary: true satisfies Equal<sdk.CdrSummary, Inferred<'CdrSummaryView'>>,
  Notices: true satisfies Equal<sdk.Notices, Inferred<'NoticesView'>>,
  SignInDoor: true satisfies Equal<sdk.SignInDoor, Inferred<'DoorView'>>,
  IdentityProvider: true satisfies Equal<sdk.IdentityProvider, Inferred<'ProviderView'>>,
  UserIdentity: true satisfies Equal<sdk.UserIdentity, Inferred<'IdentityView'>>,
  GatewayKey: true satisfies Equal<sdk.GatewayKey, Inferred<'KeyView'>>,
  KeyStatementFile: true satisfies Equal<sdk.KeyStatementFile, Inferred<'KeyStatementView'>>,
  ConnectionText: true satisfies Equal<sdk.ConnectionText, Inferred<'ConnectionView'>>,
  Passkey: true satisfies Equal<sdk.Passkey, Inferred<'PasskeyView'>>,
  PasskeyOptions: true satisfies Equal<sdk.PasskeyOptions, Inferred<'PasskeyOptions'>>,
  OutboxMail: true satisfies Equal<sdk.OutboxMail, Inferred<'OutboxMailView'>>,
  ReportSchedule: true satisfies Equal<sdk.ReportSchedule, Inferred<'ReportScheduleView'>>,
  SavedReport: true satisfies Equal<sdk.SavedReport, Inferred<'SavedReportView'>>,
  FaxExplanation: true satisfies Equal<sdk.FaxExplanation, Inferred<'WhyView'>>,
  Receipt: true satisfies Equal<sdk.Receipt, Inferred<'ReceiptView'>>,
  FaxNumber: true satisfies Equal<sdk.FaxNumber, Inferred<'NumberView'>>,
  Carrier: true satisfies Equal<sdk.Carrier, Inferred<'CarrierView'>>,
  CarrierHealth: true satisfies Equal<sdk.CarrierHealth, Inferred<'CarrierHealthView'>>,
  CarrierHistory: true satisfies Equal<sdk.CarrierHistory, Inferred<'CarrierHistoryView'>>,
  CarrierPurge: true satisfies Equal<sdk.CarrierPurge, Inferred<'PurgeView'>>,
  Lessons: true satisfies Equal<sdk.Lessons, Inferred<'LessonsView'>>,
  Destination: true satisfies Equal<sdk.Destination, Inferred<'PlaceView'>>,
  DestinationLook: true satisfies Equal<sdk.DestinationLook, Inferred<'DestinationLookView'>>,
  WaitingDestination: true satisfies Equal<sdk.WaitingDestination, Inferred<'WaitingPlaceView'>>,
  CoverInfo: true satisfies Equal<sdk.CoverInfo, Inferred<'CoverView'>>,
  CoverForm: true satisfies Equal<sdk.CoverForm, Inferred<'CoverFormView'>>,
  AddedCoverForm: true satisfies Equal<sdk.AddedCoverForm, Inferred<'AddedCoverForm'>>,
  Webhook: true satisfies Equal<sdk.Webhook, Inferred<'WebhookView'>>,
  WebhookWithSecret: true satisfies Equal<sdk.WebhookWithSecret, Inferred<'WebhookWithSecret'>>,
  Delivery: true satisfies Equal<sdk.Delivery, Inferred<'DeliveryView'>>,
  SessionInfo: true satisfies Equal<sdk.SessionInfo, Inferred<'SessionView'>>,
  Policy: true satisfies Equal<sdk.Policy, Inferred<'PolicyView'>>,
  Account: true satisfies Equal<sdk.Account, Inferred<'AccountView'>>,
  User: true satisfies Equal<sdk.User, Inferred<'UserView'>>,
  RestoreState: true satisfies Equal<sdk.RestoreState, Inferred<'RestoreView'>>,
  SignInFacts: true satisfies Equal<sdk.SignInFacts, Inferred<'SignInView'>>,
  LoginSession: true satisfies Equal<sdk.LoginSession, Inferred<'LoginSessionView'>>,
  TotpSecret: true satisfies Equal<sdk.TotpSecret, Inferred<'TotpView'>>,
  UserWithSecret: true satisfies Equal<sdk.UserWithSecret, Inferred<'UserWithSecret'>>,
  RouteTable: true satisfies Equal<sdk.RouteTable, Inferred<'RouteList'>>,
  RouteQuestion: true satisfies Equal<sdk.RouteQuestion, Inferred<'RouteQuery'>>,
  RouteExplanation: true satisfies Equal<sdk.RouteExplanation, Inferred<'RouteExplanationView'>>,
  Overview: true satisfies Equal<sdk.Overview, Inferred<'OverviewView'>>,
  Host: true satisfies Equal<sdk.Host, Inferred<'HostView'>>,
  AuditEntry: true satisfies Equal<sdk.AuditEntry, Inferred<'AuditView'>>,
};

/** What a sender may say fits what the schema takes in. */
const send: z.input<typeof schemas.SubmitFax> = {} as Omit<sdk.SendRequest, 'documents'>;
const passkey: z.input<typeof schemas.PasskeyBody> = {} as Omit<sdk.NewPasskey, 'transports'>;
const answer: z.input<typeof schemas.LoginBody>['passkey'] = {} as sdk.PasskeyAnswer;
const sendFor: z.input<typeof schemas.AdminSubmitFax> = {} as Omit<sdk.AdminSendRequest, 'documents'>;

describe('the types of the client', () => {
  test('are those of the schemas (checked by the compiler)', () => {
    assert.equal(Object.values(equal).every(Boolean), true);
    assert.ok(send);
    assert.ok(sendFor);
    assert.ok(passkey);
    assert.ok(answer);
  });
});
