/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sipe-client - a headless driver for the pidgin-sipe plugin.
 *
 * It loads libpurple and the "prpl-sipe" protocol plugin as packaged by the
 * distribution, signs one account in, executes one command per line read from
 * stdin and writes one JSON object per line to stdout for everything a user of
 * a graphical client would see (signed on, error dialogs, room list, joined,
 * participants, messages, ...).  See README.md for commands and events.
 *
 * Nothing of libpurple or pidgin-sipe is copied here; this file only calls the
 * public libpurple 2.x API.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>
#include <glib-unix.h>
#include <libxml/parser.h>
#include <purple.h>

#define UI_ID "sipe-client"

/* ------------------------------------------------------------------ state */

static GMainLoop *loop;
static PurpleAccount *account;
static FILE *debug_file;
static gboolean quitting;
static int exit_code = 0;

static struct {
	const char *user, *login, *password, *server, *transport, *auth;
	const char *groupchat_user, *useragent, *home, *ca_dir, *cert_policy;
	const char *debug, *status;
	int auto_reconnect;		/* seconds, 0 = off */
	gboolean publish_calendar;
	gboolean no_connect;
	gboolean sso;
	gboolean debug_events;
	int quit_grace;			/* ms to wait after sign-off */
} opt = {
	.transport = "tls", .auth = "ntlm", .cert_policy = "reject",
	.quit_grace = 300,
};

static GHashTable *room_uri_by_name;	/* name -> uri */
static GHashTable *room_name_by_uri;
static PurpleRoomlist *cur_roomlist;
static gboolean in_get_list;
static guint room_count;
static GSList *pending_joins;		/* names waiting for a room list */
static guint reconnect_timer;

/* ----------------------------------------- libxml2 regression work-around */

/* libxml2 2.9.14+dfsg-1.3~deb12u2 ... u6 (Debian 12 security updates) no longer
 * call the SAX1 element callbacks of a handler whose "initialized" field is
 * XML_SAX2_MAGIC.  The plugin has exactly such a handler, so with these library
 * versions it sees every XML document as empty.  The executable therefore takes
 * the place of xmlSAXUserParseMemory() and hands a handler without the magic
 * number to the real function (own code, nothing of either project copied). */
static gboolean xml_fix = TRUE;

int xmlSAXUserParseMemory(xmlSAXHandlerPtr sax, void *user_data, const char *buf, int size)
{
	static int (*real)(xmlSAXHandlerPtr, void *, const char *, int);
	if (!real) real = (int (*)(xmlSAXHandlerPtr, void *, const char *, int))
			dlsym(RTLD_NEXT, "xmlSAXUserParseMemory");
	if (xml_fix && sax && sax->initialized == XML_SAX2_MAGIC &&
	    (sax->startElement || sax->endElement) && !sax->startElementNs && !sax->endElementNs) {
		xmlSAXHandler copy = *sax;
		copy.initialized = 1;
		return real(&copy, user_data, buf, size);
	}
	return real(sax, user_data, buf, size);
}

/* TRUE when the installed libxml2 has the regression */
static gboolean xml_seen;
static void xml_probe_start(void *u, const xmlChar *n, const xmlChar **a)
{
	(void)u; (void)n; (void)a;
	xml_seen = TRUE;
}

static gboolean xml_is_broken(void)
{
	int (*real)(xmlSAXHandlerPtr, void *, const char *, int);
	xmlSAXHandler h;
	int dummy;
	memset(&h, 0, sizeof h);
	h.startElement = xml_probe_start;
	h.initialized = XML_SAX2_MAGIC;
	real = (int (*)(xmlSAXHandlerPtr, void *, const char *, int))
		dlsym(RTLD_DEFAULT, "xmlSAXUserParseMemory");
	{
		gboolean save = xml_fix;
		xml_fix = FALSE;
		real(&h, &dummy, "<a/>", 4);
		xml_fix = save;
	}
	return !xml_seen;
}

/* ------------------------------------------------------------ JSON output */

static GString *J;

static void j_raw_string(const char *s)
{
	const unsigned char *p;
	gchar *valid = NULL;

	if (!g_utf8_validate(s, -1, NULL)) {
		GString *tmp = g_string_new(NULL);
		for (p = (const unsigned char *)s; *p; p++) {
			if (*p < 0x80) g_string_append_c(tmp, *p);
			else g_string_append(tmp, "\xEF\xBF\xBD");
		}
		s = valid = g_string_free(tmp, FALSE);
	}
	g_string_append_c(J, '"');
	for (p = (const unsigned char *)s; *p; p++) {
		switch (*p) {
		case '"':  g_string_append(J, "\\\""); break;
		case '\\': g_string_append(J, "\\\\"); break;
		case '\n': g_string_append(J, "\\n"); break;
		case '\r': g_string_append(J, "\\r"); break;
		case '\t': g_string_append(J, "\\t"); break;
		default:
			if (*p < 0x20) g_string_append_printf(J, "\\u%04x", *p);
			else g_string_append_c(J, *p);
		}
	}
	g_string_append_c(J, '"');
	g_free(valid);
}

static void j_str(const char *key, const char *val)
{
	g_string_append_c(J, ',');
	j_raw_string(key);
	g_string_append_c(J, ':');
	if (val) j_raw_string(val); else g_string_append(J, "null");
}

static void j_int(const char *key, long val)
{
	g_string_append_printf(J, ",\"%s\":%ld", key, val);
}

static void j_bool(const char *key, gboolean val)
{
	g_string_append_printf(J, ",\"%s\":%s", key, val ? "true" : "false");
}

static void iso_time(char *buf, size_t n, time_t t)
{
	struct tm tm;
	gmtime_r(&t, &tm);
	strftime(buf, n, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static gboolean j_open;

static void j_begin(const char *event)
{
	struct timeval tv;
	if (j_open) return;
	j_open = TRUE;
	gettimeofday(&tv, NULL);
	g_string_truncate(J, 0);
	g_string_append_printf(J, "{\"t\":%ld.%03ld,\"event\":",
			       (long)tv.tv_sec, (long)tv.tv_usec / 1000);
	j_raw_string(event);
}

static void j_end(void)
{
	const char *p;
	size_t left;
	g_string_append(J, "}\n");
	for (p = J->str, left = J->len; left; ) {
		ssize_t w = write(STDOUT_FILENO, p, left);
		if (w < 0) {
			if (errno == EINTR || errno == EAGAIN) continue;
			break;
		}
		p += w; left -= w;
	}
	j_open = FALSE;
}

static void ev_error(const char *what, const char *msg)
{
	j_begin("command-error");
	j_str("command", what);
	j_str("message", msg);
	j_end();
}

/* -------------------------------------------------- glib event loop glue */

typedef struct { PurpleInputFunction func; gpointer data; } IOClosure;

static gboolean io_invoke(GIOChannel *src, GIOCondition cond, gpointer data)
{
	IOClosure *c = data;
	PurpleInputCondition pc = 0;
	if (cond & (G_IO_IN | G_IO_HUP | G_IO_ERR)) pc |= PURPLE_INPUT_READ;
	if (cond & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL)) pc |= PURPLE_INPUT_WRITE;
	c->func(c->data, g_io_channel_unix_get_fd(src), pc);
	return TRUE;
}

static guint input_add(gint fd, PurpleInputCondition cond,
		       PurpleInputFunction func, gpointer data)
{
	IOClosure *c = g_new0(IOClosure, 1);
	GIOChannel *ch;
	GIOCondition gc = 0;
	guint id;
	c->func = func; c->data = data;
	if (cond & PURPLE_INPUT_READ) gc |= G_IO_IN | G_IO_HUP | G_IO_ERR;
	if (cond & PURPLE_INPUT_WRITE) gc |= G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL;
	ch = g_io_channel_unix_new(fd);
	id = g_io_add_watch_full(ch, G_PRIORITY_DEFAULT, gc, io_invoke, c, g_free);
	g_io_channel_unref(ch);
	return id;
}

static PurpleEventLoopUiOps loop_ops = {
	g_timeout_add, g_source_remove, input_add, g_source_remove, NULL,
	g_timeout_add_seconds, NULL, NULL, NULL
};

/* -------------------------------------------------------------- debug ops */

/* Debug lines of the plugin which tell about states for which libpurple has no
 * signal. Reported as {"event":"plugin-state","state":...,"detail":line}. */
static const struct { const char *needle, *state; } interesting[] = {
	{ "connection to group chat server established", "groupchat-connected" },
	{ "no group chat server found",			 "groupchat-not-found" },
	{ "disabling group chat feature",		 "groupchat-disabled" },
	{ "groupchat_init_retry: trying again later",	 "groupchat-retry-later" },
	{ "can't connect to group chat server",		 "groupchat-connect-failed" },
	{ "chatserver_response_uri:",			 "groupchat-server-uri" },
	{ "chatserver_command_response: failure",	 "groupchat-command-failed" },
	{ "chatserver_response_part: failed",		 "groupchat-part-failed" },
	{ "ignoring unknown response",			 "groupchat-unknown-response" },
	{ "received from unknown chat room",		 "message-for-unknown-room" },
	{ "received without chat room URI or author",	 "message-without-uri-or-author" },
	{ "unsolicited INFO message to obsolete Call-ID","info-for-obsolete-dialog" },
	{ "message without authentication data",	 "unsigned-message-ignored" },
	{ "signature of incoming message is invalid",	 "bad-signature" },
	{ "authentication handshake completed",		 "authenticated" },
	{ "authentication handshake failed",		 "authentication-failed" },
	{ "received incompatible NTLM NegotiateFlags",	 "ntlm-flags-rejected" },
	{ "keepalive_timeout: expired",			 "keepalive-sent" },
	{ "RE-REGISTER",				 "re-register" },
	{ "register_response_timeout",			 "register-timeout" },
	{ "do a full reauthentication",			 "full-reauthentication" },
	{ "session expires in",				 "session-expires" },
	{ "Content-Length header not found",		 "corrupt-message" },
	{ "body too short",				 "waiting-for-body" },
	{ "received response to unknown transaction",	 "unknown-transaction" },
	{ "couldn't find session",			 "bye-for-unknown-session" },
	{ "failed to parse ISO8601",			 "bad-timestamp" },
};

static void debug_print(PurpleDebugLevel level, const char *category, const char *arg)
{
	if (debug_file) {
		struct timeval tv;
		char ts[40];
		gettimeofday(&tv, NULL);
		iso_time(ts, sizeof ts, tv.tv_sec);
		ts[19] = 0;
		fprintf(debug_file, "%s.%03ldZ %s: %s", ts, (long)tv.tv_usec / 1000,
			category ? category : "-", arg);
		fflush(debug_file);
	}
	if (category && strcmp(category, "sipe") == 0 && !strstr(arg, "MESSAGE START")) {
		size_t i;
		for (i = 0; i < G_N_ELEMENTS(interesting); i++)
			if (strstr(arg, interesting[i].needle)) {
				gchar *line;
				if (j_open) return;
				line = g_strstrip(g_strdup(arg));
				j_begin("plugin-state");
				j_str("state", interesting[i].state);
				j_str("detail", line);
				j_end();
				g_free(line);
				return;
			}
		if (opt.debug_events && !j_open) {
			gchar *line = g_strstrip(g_strdup(arg));
			j_begin("debug");
			j_int("level", level);
			j_str("detail", line);
			j_end();
			g_free(line);
		}
	}
}

static gboolean debug_is_enabled(PurpleDebugLevel level, const char *category)
{
	(void)level; (void)category;
	return TRUE;
}

static PurpleDebugUiOps debug_ops = { debug_print, debug_is_enabled, NULL, NULL, NULL, NULL };

/* --------------------------------------------------------- connection ops */

static void do_connect(void);

static gboolean reconnect_cb(gpointer data)
{
	(void)data;
	reconnect_timer = 0;
	j_begin("auto-reconnect"); j_end();
	do_connect();
	return FALSE;
}

static void conn_progress(PurpleConnection *gc, const char *text, size_t step, size_t steps)
{
	(void)gc;
	j_begin("connect-progress");
	j_str("text", text); j_int("step", (long)step); j_int("steps", (long)steps);
	j_end();
}

static const char *reason_name(PurpleConnectionError r)
{
	switch (r) {
	case PURPLE_CONNECTION_ERROR_NETWORK_ERROR: return "NETWORK_ERROR";
	case PURPLE_CONNECTION_ERROR_INVALID_USERNAME: return "INVALID_USERNAME";
	case PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED: return "AUTHENTICATION_FAILED";
	case PURPLE_CONNECTION_ERROR_AUTHENTICATION_IMPOSSIBLE: return "AUTHENTICATION_IMPOSSIBLE";
	case PURPLE_CONNECTION_ERROR_NO_SSL_SUPPORT: return "NO_SSL_SUPPORT";
	case PURPLE_CONNECTION_ERROR_ENCRYPTION_ERROR: return "ENCRYPTION_ERROR";
	case PURPLE_CONNECTION_ERROR_NAME_IN_USE: return "NAME_IN_USE";
	case PURPLE_CONNECTION_ERROR_INVALID_SETTINGS: return "INVALID_SETTINGS";
	case PURPLE_CONNECTION_ERROR_CERT_NOT_PROVIDED: return "CERT_NOT_PROVIDED";
	case PURPLE_CONNECTION_ERROR_CERT_UNTRUSTED: return "CERT_UNTRUSTED";
	case PURPLE_CONNECTION_ERROR_CERT_EXPIRED: return "CERT_EXPIRED";
	case PURPLE_CONNECTION_ERROR_CERT_NOT_ACTIVATED: return "CERT_NOT_ACTIVATED";
	case PURPLE_CONNECTION_ERROR_CERT_HOSTNAME_MISMATCH: return "CERT_HOSTNAME_MISMATCH";
	case PURPLE_CONNECTION_ERROR_CERT_FINGERPRINT_MISMATCH: return "CERT_FINGERPRINT_MISMATCH";
	case PURPLE_CONNECTION_ERROR_CERT_SELF_SIGNED: return "CERT_SELF_SIGNED";
	case PURPLE_CONNECTION_ERROR_CERT_OTHER_ERROR: return "CERT_OTHER_ERROR";
	default: return "OTHER_ERROR";
	}
}

static void conn_disconnect_reason(PurpleConnection *gc, PurpleConnectionError reason,
				   const char *text)
{
	(void)gc;
	j_begin("connection-error");
	j_str("reason", reason_name(reason));
	j_str("text", text);
	j_bool("fatal", purple_connection_error_is_fatal(reason));
	j_end();
	/* like Pidgin: only non-fatal errors are retried automatically */
	if (opt.auto_reconnect > 0 && !quitting && !reconnect_timer &&
	    !purple_connection_error_is_fatal(reason))
		reconnect_timer = g_timeout_add_seconds(opt.auto_reconnect, reconnect_cb, NULL);
}

static PurpleConnectionUiOps conn_ops = {
	.connect_progress = conn_progress,
	.report_disconnect_reason = conn_disconnect_reason,
};

/* --------------------------------------------------------------- chat ops */

static const char *conv_uri(PurpleConversation *conv)
{
	return g_hash_table_lookup(room_uri_by_name, purple_conversation_get_name(conv));
}

static void j_conv(PurpleConversation *conv)
{
	j_str("room", purple_conversation_get_name(conv));
	j_str("uri", conv_uri(conv));
}

static void write_conv(PurpleConversation *conv, const char *name, const char *alias,
		       const char *message, PurpleMessageFlags flags, time_t mtime)
{
	char ts[40];
	gchar *plain = purple_unescape_html(message);
	gboolean chat = purple_conversation_get_type(conv) == PURPLE_CONV_TYPE_CHAT;
	(void)alias;

	iso_time(ts, sizeof ts, mtime);
	j_begin((flags & PURPLE_MESSAGE_ERROR) ? "message-error" :
		(flags & PURPLE_MESSAGE_SYSTEM) ? "message-system" :
		chat ? "message" : "im");
	if (chat) j_conv(conv); else j_str("with", purple_conversation_get_name(conv));
	j_str("sender", name);
	j_str("text", plain);
	j_str("html", message);
	j_str("time", ts);
	j_int("age", (long)(time(NULL) - mtime));
	j_bool("self", (flags & PURPLE_MESSAGE_SEND) != 0);
	j_bool("mentions_me", (flags & PURPLE_MESSAGE_NICK) != 0);
	j_end();
	g_free(plain);
}

static void chat_add_users(PurpleConversation *conv, GList *users, gboolean new_arrivals)
{
	for (; users; users = users->next) {
		PurpleConvChatBuddy *cb = users->data;
		j_begin(new_arrivals ? "participant-joined" : "participant");
		j_conv(conv);
		j_str("who", purple_conv_chat_cb_get_name(cb));
		j_end();
	}
}

static void chat_remove_users(PurpleConversation *conv, GList *users)
{
	for (; users; users = users->next) {
		j_begin("participant-left");
		j_conv(conv);
		j_str("who", users->data);
		j_end();
	}
}

static void chat_update_user(PurpleConversation *conv, const char *user)
{
	PurpleConvChat *chat = PURPLE_CONV_CHAT(conv);
	j_begin("participant-update");
	j_conv(conv);
	j_str("who", user);
	j_bool("operator", (purple_conv_chat_user_get_flags(chat, user) & PURPLE_CBFLAGS_OP) != 0);
	j_end();
}

static PurpleConversationUiOps conv_ops = {
	.write_conv = write_conv,
	.chat_add_users = chat_add_users,
	.chat_remove_users = chat_remove_users,
	.chat_update_user = chat_update_user,
};

static void print_participants(PurpleConversation *conv)
{
	PurpleConvChat *chat = PURPLE_CONV_CHAT(conv);
	GList *l;
	gboolean first = TRUE;

	j_begin("participants");
	j_conv(conv);
	g_string_append(J, ",\"users\":[");
	for (l = purple_conv_chat_get_users(chat); l; l = l->next) {
		PurpleConvChatBuddy *cb = l->data;
		if (!first) g_string_append_c(J, ',');
		first = FALSE;
		g_string_append(J, "{\"who\":");
		j_raw_string(purple_conv_chat_cb_get_name(cb));
		j_bool("operator", (cb->flags & PURPLE_CBFLAGS_OP) != 0);
		g_string_append_c(J, '}');
	}
	g_string_append_c(J, ']');
	j_end();
}

static void chat_joined(PurpleConversation *conv)
{
	j_begin("joined");
	j_conv(conv);
	j_int("chat_id", purple_conv_chat_get_id(PURPLE_CONV_CHAT(conv)));
	j_end();
}

static void chat_left(PurpleConversation *conv)
{
	j_begin("left");
	j_conv(conv);
	j_end();
}

static void topic_changed(PurpleConversation *conv, const char *who, const char *topic)
{
	j_begin("topic");
	j_conv(conv);
	j_str("who", who);
	j_str("topic", topic);
	j_end();
}

static void chat_invited(PurpleAccount *a, const char *inviter, const char *chat,
			 const char *msg, GHashTable *components)
{
	(void)a; (void)components;
	j_begin("chat-invited");
	j_str("inviter", inviter); j_str("chat", chat); j_str("message", msg);
	j_end();
}

/* ----------------------------------------------------------- roomlist ops */

static void join_uri(const char *uri)
{
	PurpleConnection *gc = purple_account_get_connection(account);
	GHashTable *data;
	if (!gc) { ev_error("join", "not signed on"); return; }
	data = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_hash_table_insert(data, g_strdup("uri"), g_strdup(uri));
	serv_join_chat(gc, data);
	g_hash_table_destroy(data);
}

static void roomlist_add_room(PurpleRoomlist *list, PurpleRoomlistRoom *room)
{
	GList *f = purple_roomlist_get_fields(list);
	GList *v = purple_roomlist_room_get_fields(room);
	const char *name = purple_roomlist_room_get_name(room);

	room_count++;
	j_begin("room");
	j_str("name", name);
	for (; f && v; f = f->next, v = v->next) {
		PurpleRoomlistField *fd = f->data;
		if (fd->type == PURPLE_ROOMLIST_FIELD_STRING) {
			j_str(fd->name, v->data);
			if (strcmp(fd->name, "uri") == 0 && v->data) {
				g_hash_table_insert(room_uri_by_name, g_strdup(name), g_strdup(v->data));
				g_hash_table_insert(room_name_by_uri, g_strdup(v->data), g_strdup(name));
			}
		} else if (fd->type == PURPLE_ROOMLIST_FIELD_INT)
			j_int(fd->name, GPOINTER_TO_INT(v->data));
		else
			j_bool(fd->name, v->data != NULL);
	}
	j_end();
}

static void roomlist_in_progress(PurpleRoomlist *list, gboolean flag)
{
	GSList *l, *joins;
	if (flag || in_get_list) return;
	(void)list;
	j_begin("rooms-end");
	j_int("count", room_count);
	j_end();
	joins = pending_joins; pending_joins = NULL;
	for (l = joins; l; l = l->next) {
		const char *uri = g_hash_table_lookup(room_uri_by_name, l->data);
		if (uri) join_uri(uri);
		else ev_error("join", "no such room in the room list");
		g_free(l->data);
	}
	g_slist_free(joins);
}

static PurpleRoomlistUiOps roomlist_ops = {
	.add_room = roomlist_add_room,
	.in_progress = roomlist_in_progress,
};

static gboolean drop_roomlist(gpointer data)
{
	purple_roomlist_unref(data);
	return FALSE;
}

static void get_rooms(void)
{
	PurpleConnection *gc = purple_account_get_connection(account);
	PurpleRoomlist *list;
	if (!gc || !PURPLE_CONNECTION_IS_CONNECTED(gc)) {
		ev_error("rooms", "not signed on");
		return;
	}
	room_count = 0;
	in_get_list = TRUE;
	list = purple_roomlist_get_list(gc);
	in_get_list = FALSE;
	if (!list) {
		j_begin("rooms-unavailable");
		j_str("message", "the plugin has no group chat connection");
		j_end();
		g_slist_free_full(pending_joins, g_free);
		pending_joins = NULL;
		return;
	}
	/* The plugin lets go of its own reference when the list is complete. */
	purple_roomlist_ref(list);
	if (cur_roomlist) g_idle_add(drop_roomlist, cur_roomlist);
	cur_roomlist = list;
}

/* ----------------------------------------------------- notify/request ops */

static void *notify_message(PurpleNotifyMsgType type, const char *title,
			    const char *primary, const char *secondary)
{
	j_begin("dialog");
	j_str("type", type == PURPLE_NOTIFY_MSG_ERROR ? "error" :
	      type == PURPLE_NOTIFY_MSG_WARNING ? "warning" : "info");
	j_str("title", title); j_str("primary", primary); j_str("secondary", secondary);
	j_end();
	return NULL;
}

static void *notify_formatted(const char *title, const char *primary,
			      const char *secondary, const char *text)
{
	j_begin("dialog");
	j_str("type", "formatted");
	j_str("title", title); j_str("primary", primary);
	j_str("secondary", secondary); j_str("text", text);
	j_end();
	return NULL;
}

static PurpleNotifyUiOps notify_ops = {
	.notify_message = notify_message,
	.notify_formatted = notify_formatted,
};

struct req { PurpleRequestActionCb cb; gpointer data; int choice; };

static gboolean req_fire(gpointer p)
{
	struct req *r = p;
	if (r->cb) r->cb(r->data, r->choice);
	g_free(r);
	return FALSE;
}

/* libpurple asks here whether a certificate which it could not verify shall be
 * accepted (buttons Accept, Reject, View Certificate...). The button is chosen
 * by its label; any other question gets its last button. */
static void *request_action(const char *title, const char *primary, const char *secondary,
			    int default_action, PurpleAccount *acc, const char *who,
			    PurpleConversation *conv, void *user_data,
			    size_t action_count, va_list actions)
{
	struct req *r = g_new0(struct req, 1);
	const char *want = strcmp(opt.cert_policy, "accept") == 0 ? "Accept" : "Reject";
	char label[128] = "";
	gboolean found = FALSE;
	size_t i;
	(void)acc; (void)who; (void)conv; (void)default_action;

	for (i = 0; i < action_count; i++) {
		const char *l = va_arg(actions, const char *);
		PurpleRequestActionCb cb = va_arg(actions, PurpleRequestActionCb);
		if (found) continue;
		g_strlcpy(label, l, sizeof label);
		r->cb = cb; r->data = user_data; r->choice = (int)i;
		found = strstr(l, want) != NULL;
	}
	j_begin("question");
	j_str("title", title); j_str("primary", primary); j_str("secondary", secondary);
	j_str("answer", label);
	j_end();
	g_idle_add(req_fire, r);
	return r;
}

static void *request_fields(const char *title, const char *primary, const char *secondary,
			    PurpleRequestFields *fields, const char *ok_text, GCallback ok_cb,
			    const char *cancel_text, GCallback cancel_cb,
			    PurpleAccount *acc, const char *who, PurpleConversation *conv,
			    void *user_data)
{
	(void)fields; (void)ok_text; (void)ok_cb; (void)cancel_text; (void)cancel_cb;
	(void)acc; (void)who; (void)conv; (void)user_data;
	j_begin("question");
	j_str("title", title); j_str("primary", primary); j_str("secondary", secondary);
	j_str("answer", "(none)");
	j_end();
	return NULL;
}

static PurpleRequestUiOps request_ops = {
	.request_action = request_action,
	.request_fields = request_fields,
};

/* ---------------------------------------------------------------- signals */

static void signed_on(PurpleConnection *gc)
{
	j_begin("signed-on");
	j_str("user", purple_account_get_username(purple_connection_get_account(gc)));
	j_end();
}

static void signed_off(PurpleConnection *gc)
{
	j_begin("signed-off");
	j_str("user", purple_account_get_username(purple_connection_get_account(gc)));
	j_end();
}

/* --------------------------------------------------------------- commands */

static PurpleConversation *find_chat(const char *ref)
{
	const char *name = ref;
	if (g_str_has_prefix(ref, "ma-chan://")) {
		name = g_hash_table_lookup(room_name_by_uri, ref);
		if (!name) {
			/* joined by URI without a room list: accept if unambiguous */
			GList *c = purple_get_chats();
			return (c && !c->next) ? c->data : NULL;
		}
	}
	return purple_find_conversation_with_account(PURPLE_CONV_TYPE_CHAT, name, account);
}

static void do_connect(void)
{
	purple_account_set_enabled(account, UI_ID, TRUE);
	if (purple_account_is_disconnected(account))
		purple_account_connect(account);
}

static gboolean final_exit(gpointer data)
{
	(void)data;
	g_main_loop_quit(loop);
	return FALSE;
}

static void do_quit(void)
{
	if (quitting) return;
	quitting = TRUE;
	if (reconnect_timer) g_source_remove(reconnect_timer), reconnect_timer = 0;
	if (!purple_account_is_disconnected(account))
		purple_account_disconnect(account);
	g_timeout_add(opt.quit_grace, final_exit, NULL);
}

/* a room reference is either a quoted string or one word */
static char *take_word(char **p)
{
	char *s = *p, *e;
	while (*s == ' ') s++;
	if (*s == '"') {
		e = strchr(++s, '"');
		if (!e) { *p = s + strlen(s); return s; }
	} else {
		e = strchr(s, ' ');
		if (!e) { *p = s + strlen(s); return s; }
	}
	*p = e + 1;
	if (*e == '"' && **p == ' ') (*p)++;
	*e = 0;
	return s;
}

static void send_text(const char *ref, const char *text, gboolean raw)
{
	PurpleConversation *conv = find_chat(ref);
	gchar *html;
	if (!conv) { ev_error("send", "not in that room"); return; }
	if (raw) {
		html = g_strdup(text);
	} else {
		/* what a user types: escape markup, "\n" is a line break */
		gchar *nl = g_strcompress(text);
		gchar *esc = g_markup_escape_text(nl, -1);
		html = purple_strreplace(esc, "\n", "<br>");
		g_free(nl); g_free(esc);
	}
	purple_conv_chat_send(PURPLE_CONV_CHAT(conv), html);
	g_free(html);
}

static void command(char *line)
{
	char *rest = line, *cmd;
	g_strchomp(line);
	if (!*line || *line == '#') return;
	cmd = take_word(&rest);
	while (*rest == ' ') rest++;

	if (!strcmp(cmd, "rooms")) {
		get_rooms();
	} else if (!strcmp(cmd, "join")) {
		char *ref = take_word(&rest);
		const char *uri = g_str_has_prefix(ref, "ma-chan://") ? ref :
			g_hash_table_lookup(room_uri_by_name, ref);
		if (uri) join_uri(uri);
		else {
			pending_joins = g_slist_append(pending_joins, g_strdup(ref));
			get_rooms();
		}
	} else if (!strcmp(cmd, "send") || !strcmp(cmd, "sendhtml")) {
		char *ref = take_word(&rest);
		send_text(ref, rest, cmd[4] != 0);
	} else if (!strcmp(cmd, "participants")) {
		char *ref = take_word(&rest);
		PurpleConversation *c = find_chat(ref);
		if (c) print_participants(c); else ev_error(cmd, "not in that room");
	} else if (!strcmp(cmd, "leave")) {
		char *ref = take_word(&rest);
		PurpleConversation *c = find_chat(ref);
		if (c) purple_conversation_destroy(c); else ev_error(cmd, "not in that room");
	} else if (!strcmp(cmd, "chats")) {
		GList *l;
		gboolean first = TRUE;
		j_begin("chats");
		g_string_append(J, ",\"rooms\":[");
		for (l = purple_get_chats(); l; l = l->next) {
			if (!first) g_string_append_c(J, ',');
			first = FALSE;
			g_string_append(J, "{\"room\":");
			j_raw_string(purple_conversation_get_name(l->data));
			j_bool("left", purple_conv_chat_has_left(PURPLE_CONV_CHAT((PurpleConversation *)l->data)));
			g_string_append_c(J, '}');
		}
		g_string_append_c(J, ']');
		j_end();
	} else if (!strcmp(cmd, "im")) {
		char *who = take_word(&rest);
		PurpleConversation *c = purple_find_conversation_with_account(PURPLE_CONV_TYPE_IM, who, account);
		if (!c) c = purple_conversation_new(PURPLE_CONV_TYPE_IM, account, who);
		purple_conv_im_send(PURPLE_CONV_IM(c), rest);
	} else if (!strcmp(cmd, "invite")) {
		char *ref = take_word(&rest), *who = take_word(&rest);
		PurpleConversation *c = find_chat(ref);
		if (c) serv_chat_invite(purple_account_get_connection(account),
					purple_conv_chat_get_id(PURPLE_CONV_CHAT(c)), rest, who);
		else ev_error(cmd, "not in that room");
	} else if (!strcmp(cmd, "connect")) {
		do_connect();
	} else if (!strcmp(cmd, "disconnect")) {
		if (!purple_account_is_disconnected(account)) purple_account_disconnect(account);
	} else if (!strcmp(cmd, "password")) {
		purple_account_set_password(account, rest);
	} else if (!strcmp(cmd, "set")) {
		char *k = take_word(&rest);
		purple_account_set_string(account, k, rest);
	} else if (!strcmp(cmd, "state")) {
		PurpleConnection *gc = purple_account_get_connection(account);
		j_begin("state");
		j_str("connection", !gc ? "none" :
		      purple_connection_get_state(gc) == PURPLE_CONNECTED ? "connected" :
		      purple_connection_get_state(gc) == PURPLE_CONNECTING ? "connecting" : "disconnected");
		j_end();
	} else if (!strcmp(cmd, "mark")) {
		j_begin("mark"); j_str("text", rest); j_end();
		if (debug_file) fprintf(debug_file, "==== MARK %s\n", rest);
	} else if (!strcmp(cmd, "quit")) {
		do_quit();
	} else {
		ev_error(cmd, "unknown command");
	}
}

static GString *inbuf;

static gboolean stdin_cb(GIOChannel *ch, GIOCondition cond, gpointer data)
{
	char buf[4096];
	ssize_t n;
	char *nl;
	(void)ch; (void)cond; (void)data;

	n = read(STDIN_FILENO, buf, sizeof buf);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) return TRUE;
	if (n <= 0) { do_quit(); return FALSE; }
	g_string_append_len(inbuf, buf, n);
	while ((nl = memchr(inbuf->str, '\n', inbuf->len))) {
		gchar *line = g_strndup(inbuf->str, nl - inbuf->str);
		g_string_erase(inbuf, 0, nl - inbuf->str + 1);
		command(line);
		g_free(line);
		if (quitting) return FALSE;
	}
	return TRUE;
}

static gboolean on_signal(gpointer data)
{
	exit_code = GPOINTER_TO_INT(data);
	do_quit();
	return FALSE;
}

/* ------------------------------------------------------------------- main */

static void ui_init(void)
{
	purple_connections_set_ui_ops(&conn_ops);
	purple_conversations_set_ui_ops(&conv_ops);
	purple_roomlist_set_ui_ops(&roomlist_ops);
	purple_notify_set_ui_ops(&notify_ops);
	purple_request_set_ui_ops(&request_ops);
}

static PurpleCoreUiOps core_ops = { NULL, NULL, ui_init, NULL, NULL, NULL, NULL, NULL };

static void swallow(const gchar *s) { (void)s; }

static void usage(void)
{
	fputs("usage: sipe-client --user U@DOMAIN --server HOST[:PORT] [options]\n"
	      "  --user URI             sign-in address, user@domain\n"
	      "  --login NAME           login name: user | DOMAIN\\user | user@domain\n"
	      "  --password PW          (or environment SIPE_PASSWORD, or --password-file F)\n"
	      "  --server HOST[:PORT]   omit for auto discovery (DNS SRV/A, HTTPS)\n"
	      "  --transport tls|tcp|auto      default tls\n"
	      "  --auth ntlm|tls-dsk|krb5|auto default ntlm\n"
	      "  --sso                  single sign-on (krb5 ticket cache)\n"
	      "  --groupchat-user U     account option 'Group Chat Proxy'\n"
	      "  --useragent S          account option 'User Agent'\n"
	      "  --ca-dir DIR           trust the CA files (*.pem, *.crt) in DIR\n"
	      "  --cert-policy accept|reject   answer when a certificate is not trusted\n"
	      "  --auto-reconnect SECS  reconnect after non-fatal errors\n"
	      "  --publish-calendar     leave calendar publishing on (EWS look-ups)\n"
	      "  --home DIR             libpurple user dir (default: a temporary one)\n"
	      "  --debug FILE           full plugin log with all SIP messages\n"
	      "  --debug-events         plugin log lines as JSON events\n"
	      "  --quit-grace MS        time to flush after 'quit' (default 300)\n"
	      "  --no-connect           wait for the command 'connect'\n"
	      "  --no-xml-fix           do not work around the Debian 12 libxml2 regression\n", stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option lo[] = {
		{"user", 1, 0, 'u'}, {"login", 1, 0, 'l'}, {"password", 1, 0, 'p'},
		{"password-file", 1, 0, 'P'}, {"server", 1, 0, 's'}, {"transport", 1, 0, 't'},
		{"auth", 1, 0, 'a'}, {"groupchat-user", 1, 0, 'g'}, {"useragent", 1, 0, 'U'},
		{"ca-dir", 1, 0, 'c'}, {"cert-policy", 1, 0, 'C'}, {"auto-reconnect", 1, 0, 'r'},
		{"publish-calendar", 0, 0, 'k'}, {"home", 1, 0, 'h'}, {"debug", 1, 0, 'd'},
		{"debug-events", 0, 0, 'D'}, {"quit-grace", 1, 0, 'q'}, {"no-connect", 0, 0, 'n'},
		{"sso", 0, 0, 'S'}, {"no-xml-fix", 0, 0, 'X'}, {0, 0, 0, 0}
	};
	char tmpl[] = "/tmp/sipe-client-XXXXXX";
	gchar *username;
	GIOChannel *ch;
	int c, h;
	gboolean tmp_home = FALSE;

	setvbuf(stdout, NULL, _IOLBF, 0);
	/* the plugin's NTLM code converts the password from the locale's charset:
	 * without a UTF-8 locale non-ASCII passwords fail */
	setlocale(LC_ALL, "");
	while ((c = getopt_long(argc, argv, "", lo, NULL)) != -1)
		switch (c) {
		case 'u': opt.user = optarg; break;
		case 'l': opt.login = optarg; break;
		case 'p': opt.password = optarg; break;
		case 'P': {
			gchar *pw;
			if (!g_file_get_contents(optarg, &pw, NULL, NULL)) usage();
			opt.password = g_strchomp(pw);
			break;
		}
		case 's': opt.server = optarg; break;
		case 't': opt.transport = optarg; break;
		case 'a': opt.auth = optarg; break;
		case 'g': opt.groupchat_user = optarg; break;
		case 'U': opt.useragent = optarg; break;
		case 'c': opt.ca_dir = optarg; break;
		case 'C': opt.cert_policy = optarg; break;
		case 'r': opt.auto_reconnect = atoi(optarg); break;
		case 'k': opt.publish_calendar = TRUE; break;
		case 'h': opt.home = optarg; break;
		case 'd': opt.debug = optarg; break;
		case 'D': opt.debug_events = TRUE; break;
		case 'q': opt.quit_grace = atoi(optarg); break;
		case 'n': opt.no_connect = TRUE; break;
		case 'S': opt.sso = TRUE; break;
		case 'X': xml_fix = FALSE; break;
		default: usage();
		}
	if (!opt.user || optind < argc) usage();
	if (!opt.password) opt.password = getenv("SIPE_PASSWORD");
	if (!opt.password) opt.password = "";

	signal(SIGPIPE, SIG_IGN);
	J = g_string_sized_new(1024);
	inbuf = g_string_new(NULL);
	room_uri_by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	room_name_by_uri = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (opt.debug) debug_file = fopen(opt.debug, "w");

	if (!opt.home) {
		opt.home = mkdtemp(tmpl);
		tmp_home = TRUE;
	}
	purple_util_set_user_dir(opt.home);
	g_set_print_handler(swallow);		/* keep stdout pure JSON */
	purple_debug_set_verbose(TRUE);		/* makes the plugin log at all */
	if (opt.debug) purple_debug_set_unsafe(TRUE);	/* ... including message bodies */
	purple_debug_set_ui_ops(&debug_ops);
	purple_core_set_ui_ops(&core_ops);
	purple_eventloop_set_ui_ops(&loop_ops);
	/* the folder libpurple was built with, and the one Debian's pidgin-sipe uses */
	purple_plugins_add_search_path(PURPLE_PLUGIN_DIR);
	purple_plugins_add_search_path("/usr/lib/purple-2");
	if (!purple_core_init(UI_ID)) {
		fputs("libpurple initialization failed\n", stderr);
		return 3;
	}
	if (opt.ca_dir) purple_certificate_add_ca_search_path(opt.ca_dir);
	purple_set_blist(purple_blist_new());
	purple_blist_load();
	purple_prefs_load();
	purple_prefs_set_bool("/purple/logging/log_chats", FALSE);
	purple_prefs_set_bool("/purple/logging/log_ims", FALSE);
	purple_prefs_set_bool("/purple/logging/log_system", FALSE);
	purple_plugins_load_saved("/purple/" UI_ID "/plugins");

	if (!purple_find_prpl("prpl-sipe")) {
		fputs("protocol plugin prpl-sipe not found\n", stderr);
		return 4;
	}

	loop = g_main_loop_new(NULL, FALSE);
	h = 0;
	{
		static int handle;
		void *conns = purple_connections_get_handle();
		void *convs = purple_conversations_get_handle();
		purple_signal_connect(conns, "signed-on", &handle, PURPLE_CALLBACK(signed_on), NULL);
		purple_signal_connect(conns, "signed-off", &handle, PURPLE_CALLBACK(signed_off), NULL);
		purple_signal_connect(convs, "chat-joined", &handle, PURPLE_CALLBACK(chat_joined), NULL);
		purple_signal_connect(convs, "chat-left", &handle, PURPLE_CALLBACK(chat_left), NULL);
		purple_signal_connect(convs, "chat-topic-changed", &handle, PURPLE_CALLBACK(topic_changed), NULL);
		purple_signal_connect(convs, "chat-invited", &handle, PURPLE_CALLBACK(chat_invited), NULL);
	}

	username = g_strdup_printf("%s,%s", opt.user, opt.login ? opt.login : "");
	account = purple_account_new(username, "prpl-sipe");
	g_free(username);
	purple_account_set_password(account, opt.password);
	if (opt.server) purple_account_set_string(account, "server", opt.server);
	purple_account_set_string(account, "transport", opt.transport);
	purple_account_set_string(account, "authentication", opt.auth);
	purple_account_set_bool(account, "sso", opt.sso);
	purple_account_set_bool(account, "dont-publish", !opt.publish_calendar);
	if (opt.groupchat_user) purple_account_set_string(account, "groupchat_user", opt.groupchat_user);
	if (opt.useragent) purple_account_set_string(account, "useragent", opt.useragent);
	purple_accounts_add(account);

	{
		PurpleSavedStatus *st = purple_savedstatus_new(NULL, PURPLE_STATUS_AVAILABLE);
		purple_savedstatus_activate(st);
	}

	fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
	ch = g_io_channel_unix_new(STDIN_FILENO);
	g_io_add_watch(ch, G_IO_IN | G_IO_HUP | G_IO_ERR, stdin_cb, NULL);
	g_unix_signal_add(SIGTERM, on_signal, GINT_TO_POINTER(143));
	g_unix_signal_add(SIGINT, on_signal, GINT_TO_POINTER(130));

	j_begin("ready");
	j_str("libpurple", purple_core_get_version());
	j_str("plugin", purple_plugin_get_version(purple_find_prpl("prpl-sipe")));
	j_bool("libxml2_broken", xml_is_broken());
	j_bool("xml_fix", xml_fix);
	j_end();

	if (!opt.no_connect) do_connect();
	g_main_loop_run(loop);

	purple_core_quit();
	j_begin("exit");
	j_int("code", exit_code);
	j_end();
	if (debug_file) fclose(debug_file);
	if (tmp_home) {
		gchar *argvv[] = { "rm", "-rf", "--", (gchar *)opt.home, NULL };
		g_spawn_sync(NULL, argvv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &h, NULL);
	}
	return exit_code;
}
