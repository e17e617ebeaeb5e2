#include "report.h"

#include "applicability.h"
#include "error_name.h"
#include "json_protocol.h"
#include "lock.h"
#include "result_file.h"
#include "trace.h"

#include <string.h>

#if defined(_WIN64)
#define ARCHITECTURE "x86_64"
#else
#define ARCHITECTURE "i386"
#endif

static bool is_text = true;
static unsigned counts[VERDICT_COUNT];

/* One line at a time; static so that the report of a crash needs no memory. */
static SRWLOCK lock = SRWLOCK_INIT;
static char buffer[1 << 20];
static struct text line;
static bool line_held;

bool report_open(const wchar_t *path, const char *nonces)
{
    is_text = !path;
    return is_text || result_file_open(path, nonces);
}

bool report_is_text(void)
{
    return is_text;
}

static void put(HANDLE to)
{
    DWORD written;

    text_add_byte(&line, '\n');
    WriteFile(to, line.start, (DWORD)line.size, &written, NULL);
}

static void begin_text(void)
{
    line_held = lock_acquire(&lock);
    line = (struct text)TEXT_IN(buffer);
    line.start[0] = '\0';
}

static void end_text(void)
{
    put(GetStdHandle(STD_OUTPUT_HANDLE));
    lock_release(&lock, line_held);
}

/* On a line of its own, whatever somebody else may have written behind the last. */
static void begin_line(const char *type)
{
    begin_text();
    text_add(&line, "\n{");
    json_member(&line, "type", type);
}

static void end_line(void)
{
    char nonce[RESULT_NONCE] = "";

    if (result_file_nonce(nonce))
        json_member(&line, "nonce", nonce);
    text_add(&line, "}");
    put(result_file());
    lock_release(&lock, line_held);
}

static void add_version(const char *key, WORD version)
{
    char text[16] = "";
    struct text out = TEXT_IN(text);

    text_add(&out, "%d.%d", LOBYTE(version), HIBYTE(version));
    json_member(&line, key, text);
}

static void add_entry(const struct entry *entry)
{
    text_add(&line, "{");
    json_member(&line, "id", entry->id);
    add_version("version", entry->data.wVersion);
    add_version("high_version", entry->data.wHighVersion);
    json_wide(&line, "description", entry->data.szDescription);
    text_add(&line, "}");
}

void report_hello(const char *provider, const struct entry *entries, size_t count)
{
    if (report_is_text())
        return;
    begin_line("hello");
    json_number(&line, "protocol", 1);
    json_member(&line, "suite", WSPCHECK_VERSION);
    json_number(&line, "pid", GetCurrentProcessId());
    json_member(&line, "arch", ARCHITECTURE);
    json_key(&line, "provider");
    text_add(&line, "{");
    json_member(&line, "path", provider);
    json_key(&line, "entries");
    text_add(&line, "[");
    for (size_t i = 0; i < count; ++i) {
        if (i)
            text_add(&line, ",");
        add_entry(&entries[i]);
    }
    text_add(&line, "]}");
    end_line();
}

void report_begin(const struct entry *entry,
                  const struct case_row *row,
                  unsigned limit_ms)
{
    if (report_is_text())
        return;
    begin_line("begin");
    json_member(&line, "entry", entry->id);
    json_member(&line, "case", row->id);
    json_number(&line, "limit_ms", limit_ms);
    end_line();
}

/* __FILE__ is relative to the repository, or absolute where the compiler was told so.
 */
static const char *relative(const char *path)
{
    const char *found = strstr(path, "conformance/");

    return found ? found : path;
}

static void add_location(const char *path, int number)
{
    char text[256] = "";
    struct text out = TEXT_IN(text);

    text_add(&out, "%s:%d", relative(path), number);
    json_member(&line, "location", text);
}

static void add_trace_line(void *context, const char *text)
{
    bool *first = context;

    if (!*first)
        text_add_byte(&line, ',');
    *first = false;
    json_string(&line, text);
}

static void add_observations(const struct record *record)
{
    json_key(&line, "observations");
    text_add(&line, "[");
    for (unsigned i = 0; i < record->observation_count; ++i) {
        text_add(&line, i ? ",{" : "{");
        json_member(&line, "requirement", record->observations[i].requirement);
        json_member(&line, "text", record->observations[i].text);
        text_add(&line, "}");
    }
    text_add(&line, "]");
}

/* printf takes memory of the heap for a fraction, and the heap may be damaged. */
static void add_milliseconds(const char *key, double ms)
{
    unsigned long long us = (unsigned long long)(ms * 1000.0);

    json_key(&line, key);
    text_add(&line, "%llu.%03llu", us / 1000, us % 1000);
}

static void end_as_json(const struct entry *entry,
                        const struct case_row *row,
                        const struct record *record,
                        double duration_ms,
                        bool is_last)
{
    bool first = true;

    begin_line("end");
    json_member(&line, "entry", entry->id);
    json_member(&line, "case", row->id);
    json_words(&line, "requirements", row->source->checks);
    json_member(&line, "verdict", verdict_name(record->verdict));
    json_member(&line, "expected", record->expected);
    json_member(&line, "observed", record->observed);
    json_member(&line, "message", record->message);
    add_observations(record);
    add_milliseconds("duration_ms", duration_ms);
    add_milliseconds("waits_ms", record->waits_ms);
    add_location(record->file, record->line);
    json_key(&line, "trace");
    text_add(&line, "[");
    trace_each(add_trace_line, &first);
    text_add(&line, "]");
    if (record->contradicts_profile) {
        json_key(&line, "contradicts_profile");
        text_add(&line, "true");
    }
    if (is_last) {
        json_key(&line, "last");
        text_add(&line, "true");
    }
    end_line();
}

static void add_trace_text(void *context, const char *text)
{
    (void)context;
    text_add(&line, "\n        %s", text);
}

static void end_as_text(const struct entry *entry,
                        const struct case_row *row,
                        const struct record *record)
{
    begin_text();
    text_add(&line,
             "%-14s %s %s [%s]",
             verdict_name(record->verdict),
             entry->id,
             row->id,
             row->source->checks);
    if (*record->message)
        text_add(&line, "\n    %s", record->message);
    for (unsigned i = 0; i < record->observation_count; ++i)
        text_add(&line,
                 "\n    observed, %s: %s",
                 record->observations[i].requirement,
                 record->observations[i].text);
    if (record->verdict >= VERDICT_BLOCKED) {
        text_add(&line, "\n    %s:%d", relative(record->file), record->line);
        trace_each(add_trace_text, NULL);
    }
    end_text();
}

static void add_cut_short(void)
{
    begin_text();
    text_add(&line, "ended by this case: those behind it were not run");
    end_text();
}

void report_end(const struct entry *entry,
                const struct case_row *row,
                const struct record *record,
                double duration_ms,
                bool is_last)
{
    ++counts[record->verdict];
    if (!report_is_text()) {
        end_as_json(entry, row, record, duration_ms, is_last);
        return;
    }
    end_as_text(entry, row, record);
    if (is_last)
        add_cut_short();
}

static const char *model_name(enum handle_model model)
{
    return model == HANDLES_OF_HOST     ? "host"
           : model == HANDLES_OF_SYSTEM ? "system"
                                        : "unknown";
}

/* "WSAEFAULT (10014)"; empty for 0. */
static void add_error(const char *key, int error)
{
    const char *name = error_name(error);
    char text[64] = "";
    struct text out = TEXT_IN(text);

    if (error)
        text_add(&out, "%s (%d)", name ? name : "an undocumented code", error);
    json_member(&line, key, text);
}

static void probe_as_text(const struct entry *entry, const struct probe *probe)
{
    begin_text();
    if (probe->startup_error)
        text_add(
            &line, "%s: WSPStartup fails with %d", entry->id, probe->startup_error);
    else if (*probe->wrong)
        text_add(&line, "%s: %s", entry->id, probe->wrong);
    else if (!probe->has_socket)
        text_add(&line, "%s: no sockets, error %d", entry->id, probe->socket_error);
    else
        text_add(&line,
                 "%s: %ls, version %d.%d, handles of the %s",
                 entry->id,
                 entry->data.szDescription,
                 LOBYTE(entry->data.wVersion),
                 HIBYTE(entry->data.wVersion),
                 model_name(probe->handles));
    end_text();
}

void report_probe(const struct entry *entry, const struct probe *probe)
{
    if (report_is_text()) {
        probe_as_text(entry, probe);
        return;
    }
    begin_line("probe");
    json_key(&line, "entry");
    add_entry(entry);
    add_error("startup_error", probe->startup_error);
    json_member(&line, "wrong", probe->wrong);
    json_number(&line, "has_socket", probe->has_socket);
    add_error("socket_error", probe->socket_error);
    json_member(&line, "handles", model_name(probe->handles));
    add_error("cleanup_error", probe->cleanup_error);
    if (probe->told) {
        json_key(&line, "told");
        text_add(&line, "{");
        json_protocol(&line, &probe->info);
        text_add(&line, "}");
    }
    end_line();
}

void report_fatal(const char *message, bool went_wrong)
{
    if (report_is_text()) {
        begin_text();
        text_add(&line, "wspcheck: %s", message);
        put(GetStdHandle(STD_ERROR_HANDLE));
        lock_release(&lock, line_held);
        return;
    }
    begin_line("fatal");
    json_member(&line, "message", message);
    json_key(&line, "went_wrong");
    text_add(&line, went_wrong ? "true" : "false");
    end_line();
}

void report_bye(unsigned cases)
{
    if (!report_is_text()) {
        begin_line("bye");
        json_number(&line, "cases", cases);
        end_line();
        return;
    }
    begin_text();
    text_add(&line, "%u cases:", cases);
    for (int i = 0; i < VERDICT_COUNT; ++i)
        if (counts[i])
            text_add(&line, " %u %s", counts[i], verdict_name((enum verdict)i));
    end_text();
}

unsigned report_count(enum verdict verdict)
{
    return counts[verdict];
}

void report_case(const struct case_row *row)
{
    char applies[512] = "";
    struct text out = TEXT_IN(applies);

    applies_describe(&row->source->applies, &out);
    begin_text();
    text_add(&line, "{");
    json_member(&line, "type", "case");
    json_member(&line, "case", row->id);
    json_words(&line, "requirements", row->source->checks);
    json_member(&line, "applies", applies);
    if (row->source->wire)
        json_words(&line, "wire", row->source->wire);
    if (row->source->tpdus)
        json_member(&line, "tpdus", row->source->tpdus);
    json_member(&line, "file", relative(row->source->file));
    json_number(&line, "line", row->source->line);
    text_add(&line, "}");
    end_text();
}
