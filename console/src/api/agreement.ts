// Never imported: it compiles only while our nouns and the server's document name the same members.
// That each of ours is also a narrowing of the server's is what `calls.ts` checks by every call.
import type { components } from './schema';
import type * as T from './types';

type Theirs = components['schemas'];
/** `true`, or the names of the members that only one side has: then `true` below does not compile. */
type Agrees<Ours, Server> =
  [Exclude<keyof Ours, keyof Server> | Exclude<keyof Server, keyof Ours>] extends [never]
    ? true
    : Exclude<keyof Ours, keyof Server> | Exclude<keyof Server, keyof Ours>;

export const agreement: [
  Agrees<T.Ticket, Theirs['Ticket']>,
  Agrees<T.Ticket['contact'], Theirs['ContactInfo']>,
  Agrees<T.Ticket['channel'], Theirs['ChannelInfo']>,
  Agrees<NonNullable<T.Ticket['last_message']>, Theirs['LastMessage']>,
  Agrees<T.TicketPatch, Theirs['TicketChange']>,
  Agrees<T.Message, Theirs['Message']>,
  Agrees<T.NewMessage, Theirs['NewAnswer']>,
  Agrees<T.Quote, Theirs['Quote']>,
  Agrees<T.Reaction, Theirs['Reaction']>,
  Agrees<T.Attachment, Theirs['Attachment']>,
  Agrees<T.AnalysisSummary, Theirs['AnalysisSummary']>,
  Agrees<T.FileFindings, Theirs['FileFindings']>,
  Agrees<T.FileAnalysis, Theirs['FileAnalysis']>,
  Agrees<T.Finding, Theirs['Finding']>,
  Agrees<T.Region, Theirs['Region']>,
  Agrees<T.AnalysisRun, Theirs['AnalysisRun']>,
  Agrees<T.TicketEvent, Theirs['TicketEvent']>,
  Agrees<T.User, Theirs['UserInfo']>,
  Agrees<T.Session, Theirs['SessionInfo']>,
  Agrees<T.Template, Theirs['TemplateInfo']>,
  Agrees<T.SystemState, Theirs['SystemState']>,
  Agrees<T.SystemState['channels'][number], Theirs['ChannelState']>,
  Agrees<T.SystemState['problems'][number], Theirs['ChannelProblem']>,
  Agrees<T.ProcessState, Theirs['ProcessState']>,
  Agrees<T.Degraded, Theirs['Degraded']>,
  Agrees<T.InboxStats, Theirs['InboxStats']>,
  Agrees<T.Quarantined, Theirs['QuarantinedBody']>,
  Agrees<T.Job, Theirs['JobInfo']>,
  Agrees<T.ErrorBody['error'], Theirs['ErrorDetail']>,
  Agrees<T.FlowInfo, Theirs['FlowInfo']>,
  Agrees<T.FlowCounts, Theirs['FlowCounts']>,
  Agrees<T.FlowProblem, Theirs['FlowProblem']>,
  Agrees<T.FlowDetail, Theirs['FlowDetail']>,
  Agrees<T.FlowStep, Theirs['FlowStep']>,
  Agrees<T.FlowWay, Theirs['FlowWay']>,
  Agrees<T.FlowWayLabel, Theirs['FlowWayLabel']>,
  Agrees<T.FlowDrawing, Theirs['FlowDrawing']>,
  Agrees<T.FlowChecked, Theirs['FlowChecked']>,
  Agrees<T.FlowTry, Theirs['FlowTry']>,
  Agrees<T.FlowTried, Theirs['FlowTried']>,
  Agrees<T.TicketFlow, Theirs['TicketFlow']>,
  Agrees<T.Article, Theirs['Article']>,
  Agrees<T.ArticleText, Theirs['ArticleText']>,
  Agrees<T.ArticleMatch, Theirs['ArticleMatch']>,
  Agrees<T.ArticleMessages, Theirs['ArticleMessages']>,
  Agrees<T.ArticleMessage, Theirs['ArticleMessage']>,
  Agrees<T.SearchPage, Theirs['SearchPage']>,
  Agrees<T.FoundTicket, Theirs['FoundTicket']>,
  Agrees<T.SearchHit, Theirs['SearchHit']>,
  Agrees<T.Technician, Theirs['Technician']>,
  Agrees<T.TechnicianSpec, Theirs['TechnicianSpec']>,
  Agrees<T.Visit, Theirs['Visit']>,
  Agrees<T.VisitTime, Theirs['VisitTime']>,
  Agrees<T.VisitMove, Theirs['VisitMove']>,
  Agrees<T.NewVisit, Theirs['NewVisit']>,
  Agrees<T.VisitEnd, Theirs['VisitChange']>,
  Agrees<T.Return, Theirs['Return']>,
  Agrees<T.NewReturn, Theirs['NewReturn']>,
  Agrees<T.ReturnChange, Theirs['ReturnChange']>,
] = [
  true, true, true, true, true, true, true, true, true, true, true, true, true, true,
  true, true, true, true, true, true,
  true, true, true, true, true, true, true, true, true, true, true, true,
  true, true, true, true, true, true, true, true, true, true,
  true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true,
];
