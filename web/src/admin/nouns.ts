// The pages of the control panel: which rows each shows, and which operations it offers. Words are in the languages' files,
// fields in the API's document.

export interface Noun {
  key: string;
  list: string;
  /** The parameter that names a row in the paths of its operations, and the field of the row it is taken from. */
  name: string;
  from: string;
  columns: string[];
  searches: string | null;
  create: string | null;
  set: string | null;
  remove: string | null;
  actions: { id: string; when?: (row: Record<string, unknown>) => boolean }[];
  /** Actions for many rows at once: an operation and what it is given. */
  bulk: { key: string; id: string; values: Record<string, unknown> }[];
}

export const NOUNS: Noun[] = [
  {
    key: 'users', list: '/users', name: 'user', from: 'address', columns: ['displayName', 'address', 'enabled', 'chat', 'policy', 'legacySignOn', 'bot'],
    searches: 'q', create: 'userNew', set: 'userSet', remove: 'userRemove',
    actions: [
      { id: 'userDisable', when: (row) => row['enabled'] === true },
      { id: 'userEnable', when: (row) => row['enabled'] === false },
      { id: 'policyAssign' },
      { id: 'policyEffective' },
      { id: 'reportMembership' },
    ],
    bulk: [
      { key: 'disable', id: 'userDisable', values: {} },
      { key: 'enable', id: 'userEnable', values: {} },
    ],
  },
  { key: 'roles', list: '/roles', name: 'user', from: 'user', columns: ['user', 'role', 'enabled', 'grantedBy', 'grantedAt'], searches: null, create: 'roleGrant', set: null, remove: null, actions: [{ id: 'roleRevoke' }], bulk: [] },
  { key: 'groups', list: '/groups', name: 'group', from: 'guid', columns: ['name', 'type', 'source', 'gone', 'principal'], searches: 'q', create: 'groupNew', set: 'groupSet', remove: 'groupRemove', actions: [], bulk: [] },
  { key: 'policies', list: '/policies', name: 'policy', from: 'identity', columns: ['identity', 'enablePersistentChat', 'description', 'granted'], searches: null, create: 'policyNew', set: 'policySet', remove: 'policyRemove', actions: [{ id: 'policyGrant' }, { id: 'policyRevoke' }], bulk: [] },
  { key: 'categories', list: '/categories', name: 'category', from: 'guid', columns: ['name', 'description', 'rooms', 'chatHistory', 'invitations', 'fileUpload'], searches: 'q', create: 'categoryNew', set: 'categorySet', remove: 'categoryRemove', actions: [], bulk: [] },
  {
    key: 'rooms', list: '/rooms', name: 'room', from: 'guid', columns: ['name', 'category', 'privacy', 'type', 'disabled', 'description'],
    searches: 'q', create: 'roomNew', set: 'roomSet', remove: 'roomRemove', actions: [{ id: 'roomClear' }, { id: 'messageRemove' }],
    bulk: [
      { key: 'disable', id: 'roomSet', values: { disabled: true } },
      { key: 'enable', id: 'roomSet', values: { disabled: false } },
      { key: 'remove', id: 'roomRemove', values: {} },
    ],
  },
  { key: 'addIns', list: '/add-ins', name: 'addIn', from: 'guid', columns: ['name', 'url'], searches: 'q', create: 'addInNew', set: 'addInSet', remove: 'addInRemove', actions: [], bulk: [] },
  { key: 'configurations', list: '/configurations', name: 'configuration', from: 'identity', columns: ['identity', 'defaultChatHistory', 'maxFileSizeKB', 'participantUpdateLimit', 'roomManagementUrl'], searches: null, create: 'configurationNew', set: 'configurationSet', remove: 'configurationRemove', actions: [], bulk: [] },
  { key: 'audit', list: '/audit', name: 'operation', from: 'operation', columns: ['operation', 'time', 'by', 'verb', 'from', 'things'], searches: 'about', create: null, set: null, remove: null, actions: [{ id: 'auditGet' }], bulk: [] },
  { key: 'tokens', list: '/tokens', name: 'token', from: 'guid', columns: ['name', 'scope', 'for', 'made', 'expires', 'revoked'], searches: null, create: 'tokenNew', set: null, remove: 'tokenRevoke', actions: [], bulk: [] },
];

/** Pages that are one operation: what is asked, and what it says. */
export const QUESTIONS: { key: string; ids: string[] }[] = [
  { key: 'messages', ids: ['messageRemove', 'roomClear'] },
  { key: 'explain', ids: ['explain', 'whoCan'] },
  { key: 'reports', ids: ['reportActivity', 'reportMembership'] },
  { key: 'imports', ids: ['directoryImport', 'roomImport'] },
];
