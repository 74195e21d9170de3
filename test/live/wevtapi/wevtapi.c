/*
 * The event log's interface (wevtapi.dll) for tests under wine, whose own one is a stub: subscriptions and
 * queries over channels that a test writes, through the functions and error codes that Microsoft
 * documents. It knows nothing of the agent.
 *
 * A channel is a file below C:\eventlog, named after it with `/` written as `%4` (as Windows does), with
 * a record a line, `number <tab> event id <tab> XML`, UTF-8. The test appends to it as Windows would log; a
 * file that begins at a higher number has been cleared or has wrapped. `disabled` behind the name makes
 * the channel one that is switched off.
 *
 * Of a query it reads the ids; how old a record may be it does not look at.
 * https://learn.microsoft.com/windows/win32/api/winevt/
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

typedef HANDLE EVT_HANDLE;
#define EXPORT __declspec(dllexport)
#define MAX_IDS 64
#define CHANNEL_NOT_FOUND 15007
#define INVALID_QUERY 15001
#define RESULT_STALE 15011

enum kind { RESULTS = 0x52455355, EVENT, BOOKMARK, CONFIG };

struct object {
  enum kind kind;
  WCHAR channel[260];
  /* results */
  unsigned ids[MAX_IDS], id_count;
  unsigned long long last; /* number of the last record looked at; 0 before the first */
  long long offset;        /* where the next one stands */
  char **lines; /* of a query: what is still to be handed out, the next one last */
  size_t left;
  /* event, bookmark */
  unsigned long long number;
  WCHAR *xml;
};

static void *fail(DWORD error) { SetLastError(error); return NULL; }

static struct object *make(enum kind kind) {
  struct object *object = calloc(1, sizeof *object);
  object->kind = kind;
  return object;
}

static FILE *open_channel(const WCHAR *channel, const WCHAR *suffix) {
  WCHAR path[MAX_PATH * 2] = L"C:\\eventlog\\";
  size_t at = wcslen(path);
  for (; *channel && at < MAX_PATH * 2 - 20; channel++) {
    if (*channel == L'/') { path[at++] = L'%'; path[at++] = L'4'; }
    else path[at++] = *channel;
  }
  path[at] = 0;
  wcscat(path, suffix);
  return _wfopen(path, L"rb");
}

/* Reads the next whole line; the caller frees it. A line that is still being written is left. */
static char *read_line(FILE *file) {
  size_t size = 4096, length = 0;
  char *line = malloc(size);
  for (int c; (c = fgetc(file)) != EOF;) {
    if (c == '\n') { line[length] = 0; return line; }
    if (length + 1 == size) line = realloc(line, size *= 2);
    line[length++] = (char)c;
  }
  free(line);
  return NULL;
}

static int is_asked(const struct object *results, unsigned id) {
  for (unsigned i = 0; i < results->id_count; i++) if (results->ids[i] == id) return 1;
  return 0;
}

static unsigned long long number_of(const char *line) { return strtoull(line, NULL, 10); }
static unsigned id_of(const char *line) { const char *tab = strchr(line, '\t'); return tab ? strtoul(tab + 1, NULL, 10) : 0; }

static int read_query(struct object *results, const WCHAR *query) {
  for (const WCHAR *at = query; (at = wcsstr(at, L"EventID=")) && results->id_count < MAX_IDS;) {
    at += 8;
    results->ids[results->id_count++] = wcstoul(at, NULL, 10);
  }
  return results->id_count > 0;
}

static struct object *event_of(const WCHAR *channel, const char *line) {
  struct object *event = make(EVENT);
  const char *tab = strchr(line, '\t'), *xml = tab ? strchr(tab + 1, '\t') : NULL;
  xml = xml ? xml + 1 : "";
  int length = MultiByteToWideChar(CP_UTF8, 0, xml, -1, NULL, 0);
  event->xml = malloc(length * sizeof(WCHAR));
  MultiByteToWideChar(CP_UTF8, 0, xml, -1, event->xml, length);
  event->number = number_of(line);
  wcscpy(event->channel, channel);
  return event;
}

EXPORT EVT_HANDLE WINAPI EvtCreateBookmark(const WCHAR *xml) {
  struct object *bookmark = make(BOOKMARK);
  const WCHAR *number = xml ? wcsstr(xml, L"RecordId='") : NULL;
  if (xml && !number) { free(bookmark); return fail(ERROR_INVALID_PARAMETER); }
  if (number) bookmark->number = _wcstoui64(number + 10, NULL, 10);
  return bookmark;
}

EXPORT BOOL WINAPI EvtUpdateBookmark(EVT_HANDLE handle, EVT_HANDLE of) {
  struct object *bookmark = handle, *event = of;
  if (!event || event->kind != EVENT) { SetLastError(ERROR_INVALID_HANDLE); return FALSE; }
  bookmark->number = event->number;
  wcscpy(bookmark->channel, event->channel);
  return TRUE;
}

EXPORT EVT_HANDLE WINAPI EvtSubscribe(EVT_HANDLE session, HANDLE signal, const WCHAR *channel, const WCHAR *query,
                                      EVT_HANDLE after, void *context, void *callback, DWORD flags) {
  if (!signal || callback) return fail(ERROR_INVALID_PARAMETER);
  FILE *file = open_channel(channel, L"");
  if (!file) return fail(CHANNEL_NOT_FOUND);
  struct object *results = make(RESULTS);
  wcscpy(results->channel, channel);
  if (!read_query(results, query)) { fclose(file); free(results); return fail(INVALID_QUERY); }
  unsigned long long bookmarked = (flags & 3) == 3 && after ? ((struct object *)after)->number : 0, last = 0;
  long long end = 0, behind = 0;
  int is_there = 0;
  for (char *line; (line = read_line(file)); free(line)) {
    last = number_of(line);
    end = ftello64(file);
    if (last == bookmarked) { is_there = 1; behind = end; }
  }
  fclose(file);
  if ((flags & 3) == 3 && !is_there && (flags & 0x10000)) { free(results); return fail(ERROR_NOT_FOUND); }
  if ((flags & 3) == 1) { results->last = last; results->offset = end; }
  if ((flags & 3) == 3 && is_there) { results->last = bookmarked; results->offset = behind; }
  SetEvent(signal);
  return results;
}

EXPORT EVT_HANDLE WINAPI EvtQuery(EVT_HANDLE session, const WCHAR *channel, const WCHAR *query, DWORD flags) {
  FILE *file = open_channel(channel, L"");
  if (!file) return fail(CHANNEL_NOT_FOUND);
  struct object *results = make(RESULTS);
  wcscpy(results->channel, channel);
  read_query(results, query);
  size_t room = 64;
  results->lines = malloc(room * sizeof(char *));
  for (char *line; (line = read_line(file));) {
    if (!is_asked(results, id_of(line))) { free(line); continue; }
    if (results->left == room) results->lines = realloc(results->lines, (room *= 2) * sizeof(char *));
    results->lines[results->left++] = line;
  }
  fclose(file);
  return results;
}

static DWORD next_of_query(struct object *results, DWORD size, EVT_HANDLE *events, DWORD *returned) {
  while (*returned < size && results->left > 0) {
    char *line = results->lines[--results->left];
    events[(*returned)++] = event_of(results->channel, line);
    free(line);
  }
  return 0;
}

static DWORD next_logged(struct object *results, DWORD size, EVT_HANDLE *events, DWORD *returned) {
  FILE *file = open_channel(results->channel, L"");
  if (!file) return CHANNEL_NOT_FOUND;
  /* A log that was cleared begins anew. */
  fseeko64(file, 0, SEEK_END);
  if (ftello64(file) < results->offset) results->offset = 0;
  fseeko64(file, results->offset, SEEK_SET);
  int is_first = 1;
  for (char *line; *returned < size && (line = read_line(file)); free(line)) {
    unsigned long long number = number_of(line);
    /* What was to come next is gone: the log was cleared, or has wrapped. */
    if (is_first && results->last && number != results->last + 1) { free(line); fclose(file); return RESULT_STALE; }
    is_first = 0;
    results->last = number;
    results->offset = ftello64(file);
    if (is_asked(results, id_of(line))) events[(*returned)++] = event_of(results->channel, line);
  }
  fclose(file);
  return 0;
}

EXPORT BOOL WINAPI EvtNext(EVT_HANDLE handle, DWORD size, EVT_HANDLE *events, DWORD timeout, DWORD flags, DWORD *returned) {
  struct object *results = handle;
  *returned = 0;
  if (!results || results->kind != RESULTS) { SetLastError(ERROR_INVALID_HANDLE); return FALSE; }
  DWORD error = results->lines ? next_of_query(results, size, events, returned) : next_logged(results, size, events, returned);
  if (!error && *returned) return TRUE;
  SetLastError(error ? error : ERROR_NO_MORE_ITEMS);
  return FALSE;
}

EXPORT BOOL WINAPI EvtRender(EVT_HANDLE context, EVT_HANDLE fragment, DWORD flags, DWORD size, void *buffer, DWORD *used, DWORD *count) {
  struct object *object = fragment;
  WCHAR bookmark[512];
  const WCHAR *text = object->xml;
  *count = 0;
  if (flags == 2) {
    swprintf(bookmark, 512, L"<BookmarkList>\r\n  <Bookmark Channel='%ls' RecordId='%llu' IsCurrent='true'/>\r\n</BookmarkList>",
             object->channel, object->number);
    text = bookmark;
  } else if (flags != 1 || object->kind != EVENT) { SetLastError(ERROR_INVALID_PARAMETER); return FALSE; }
  *used = (DWORD)((wcslen(text) + 1) * sizeof(WCHAR));
  if (*used > size) { SetLastError(ERROR_INSUFFICIENT_BUFFER); return FALSE; }
  memcpy(buffer, text, *used);
  return TRUE;
}

EXPORT EVT_HANDLE WINAPI EvtOpenChannelConfig(EVT_HANDLE session, const WCHAR *channel, DWORD flags) {
  FILE *file = open_channel(channel, L""), *disabled = open_channel(channel, L".disabled");
  struct object *config = make(CONFIG);
  if (file) fclose(file);
  if (disabled) fclose(disabled);
  if (!file && !disabled) { free(config); return fail(CHANNEL_NOT_FOUND); }
  config->number = !disabled;
  return config;
}

EXPORT BOOL WINAPI EvtGetChannelConfigProperty(EVT_HANDLE handle, int id, DWORD flags, DWORD size, void *variant, DWORD *used) {
  struct object *config = handle;
  *used = 16;
  if (id != 0 || size < 16) { SetLastError(ERROR_INVALID_PARAMETER); return FALSE; }
  memset(variant, 0, 16);
  *(BOOL *)variant = (BOOL)config->number;
  ((DWORD *)variant)[3] = 13; /* EvtVarTypeBoolean */
  return TRUE;
}

EXPORT BOOL WINAPI EvtClose(EVT_HANDLE handle) {
  struct object *object = handle;
  if (!object) { SetLastError(ERROR_INVALID_HANDLE); return FALSE; }
  free(object->xml);
  while (object->lines && object->left > 0) free(object->lines[--object->left]);
  free(object->lines);
  free(object);
  return TRUE;
}
