#include "drive.h"

#include "arena.h"
#include "drive_private.h"
#include "error_name.h"
#include "guard.h"
#include "json.h"
#include "record.h"
#include "residue.h"
#include "running.h"
#include "trace.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What runs, to the parts of the harness that ask. */
static const struct spi_case source = {
    .id = "drive", .checks = "", .file = __FILE__, .line = 1};
static const struct case_row row = {.source = &source, .id = "drive"};
static struct spi_private harness = {.running = &row};

static struct spi_test test;
static SOCKET sockets[DRIVE_SOCKETS];
static unsigned socket_count;
static struct peer *peers[DRIVE_PEERS];
static unsigned peer_count;

static struct entry *known;
static size_t known_count;
static bool must_end;

unsigned drive_number(const struct drive *d, unsigned index)
{
    char *end;
    unsigned long number = strtoul(d->words[index], &end, 10);

    if (!*d->words[index] || *end)
        blocked("`%s` is no number", d->words[index]);
    return number;
}

bool drive_is_null(const struct drive *d, unsigned index)
{
    return !strcmp(d->words[index], "null");
}

static unsigned digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c) : NULL;

    if (!found)
        blocked("data are hexadecimal, in lower case");
    return (unsigned)(found - digits);
}

WSABUF drive_data(const struct drive *d, unsigned index)
{
    const char *word = strcmp(d->words[index], "-") ? d->words[index] : "";
    size_t size = strlen(word) / 2;
    WSABUF data = {.len = (ULONG)size, .buf = arena_memory(size + 1)};

    for (size_t i = 0; i < size; ++i)
        data.buf[i] = (char)(digit(word[2 * i]) << 4 | digit(word[2 * i + 1]));
    return data;
}

SOCKET drive_socket(const struct drive *d, unsigned index)
{
    unsigned number = drive_number(d, index);

    if (number > socket_count)
        blocked("there is no socket %u", number);
    return number ? sockets[number - 1] : INVALID_SOCKET;
}

struct peer *drive_peer(const struct drive *d, unsigned index)
{
    unsigned number = drive_number(d, index);

    if (!number || number > peer_count)
        blocked("there is no peer %u", number);
    return peers[number - 1];
}

void drive_tell(struct drive *d, struct outcome outcome)
{
    const char *name = error_name(outcome.error);
    char number[16];

    json_member(d->answer, "function", outcome.function);
    json_key(d->answer, "failed");
    text_add(d->answer, outcome.failed ? "true" : "false");
    json_number(d->answer, "result", outcome.result);
    if (outcome.failed) {
        snprintf(number, sizeof number, "%d", outcome.error);
        json_member(d->answer,
                    "error",
                    outcome.error == ERRNO_POISON ? "untouched"
                    : name                        ? name
                                                  : number);
    } else {
        json_number(d->answer, "bytes", outcome.bytes);
    }
    json_number(d->answer, "flags", outcome.flags);
}

void drive_tell_data(struct drive *d, const void *data, size_t size)
{
    const unsigned char *at = data;

    if (size > DRIVE_DATA)
        size = DRIVE_DATA;
    json_key(d->answer, "data");
    text_add(d->answer, "\"");
    for (size_t i = 0; i < size; ++i)
        text_add(d->answer, "%02x", at[i]);
    text_add(d->answer, "\"");
}

void drive_tell_socket(struct drive *d, SOCKET s)
{
    if (socket_count == DRIVE_SOCKETS)
        blocked("more than %d sockets", DRIVE_SOCKETS);
    sockets[socket_count++] = s;
    json_number(d->answer, "socket", socket_count);
}

void drive_tell_peer(struct drive *d, struct peer *peer)
{
    if (peer_count == DRIVE_PEERS)
        blocked("more than %d peers", DRIVE_PEERS);
    peers[peer_count++] = peer;
    json_number(d->answer, "peer", peer_count);
}

/* Runs something that `blocked` may end; why is in the record then. */
static void run(void (*work)(struct drive *d), struct drive *d)
{
    jmp_buf place;

    if (!setjmp(place)) {
        blocked_goes_to(&place);
        work(d);
    }
    blocked_goes_to(NULL);
}

static void release(struct drive *d)
{
    (void)d;
    must_end = residue_end(&test) == RESIDUE_PROCESS;
}

/* Everything is closed, and what is left behind is a finding. */
static void end_sequence(void)
{
    if (!harness.entry)
        return;
    must_end = true;
    run(release, NULL);
}

static struct entry *find_entry(const char *id)
{
    for (size_t i = 0; i < known_count; ++i)
        if (!strcmp(known[i].id, id))
            return &known[i];
    return NULL;
}

static void begin_sequence(struct entry *entry)
{
    const struct spi_test fresh = {.s = INVALID_SOCKET,
                                   .listener = INVALID_SOCKET,
                                   .other = INVALID_SOCKET,
                                   .entry = &entry->info,
                                   .table = &entry->table,
                                   .harness = &harness};

    memcpy(&test, &fresh, sizeof test);
    harness.entry = entry;
    socket_count = peer_count = 0;
    trace_reset();
    residue_begin();
}

static void add_trace_line(void *context, const char *line)
{
    struct drive *d = context;

    if (d->answer->start[d->answer->size - 1] != '[')
        text_add_byte(d->answer, ',');
    json_string(d->answer, line);
}

static void tell_trace(struct drive *d)
{
    json_key(d->answer, "trace");
    text_add(d->answer, "[");
    trace_each(add_trace_line, d);
    text_add(d->answer, "]");
}

static const struct drive_command *find(const struct drive_command *from,
                                        const char *name)
{
    while (from->name && strcmp(from->name, name))
        ++from;
    return from->name ? from : NULL;
}

static void obey(struct drive *d)
{
    const struct drive_command *command = find(drive_calls, d->words[0]);

    if (!command)
        command = find(drive_peers, d->words[0]);
    if (!command)
        blocked("there is no command `%s`", d->words[0]);
    if (!harness.entry)
        blocked("nothing has begun yet");
    for (unsigned i = 1; i <= command->arguments; ++i)
        if (!*d->words[i])
            blocked("`%s` takes %u arguments", command->name, command->arguments);
    command->obey(d);
}

/* The line is cut to its words. */
static void split(char *line, struct drive *d)
{
    char *word = strtok(line, " \r\n");

    for (unsigned i = 0; i < DRIVE_WORDS; ++i) {
        d->words[i] = word ? word : "";
        word = word ? strtok(NULL, " \r\n") : NULL;
    }
}

static void execute(struct drive *d, unsigned limit_ms)
{
    struct entry *entry = NULL;
    bool begins = !strcmp(d->words[0], "begin");

    record_reset(source.file, source.line);
    guard_open(harness.entry, harness.entry ? &row : NULL, limit_ms);
    if (begins) {
        end_sequence();
        entry = find_entry(d->words[1]);
    } else if (!strcmp(d->words[0], "trace")) {
        tell_trace(d);
    } else {
        run(obey, d);
    }
    if (begins && !entry)
        record_verdict(VERDICT_BLOCKED, NULL, 0, "", "", "there is no such entry");
    guard_close();
    if (entry)
        begin_sequence(entry);
}

static void write_answer(const struct text *answer)
{
    DWORD written;

    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE),
              answer->start,
              (DWORD)answer->size,
              &written,
              NULL);
}

static void answer_line(char *line, const char *nonce, unsigned limit_ms)
{
    static char buffer[1 << 17];
    struct text answer = TEXT_IN(buffer);
    struct drive d = {.t = &test, .answer = &answer};
    struct record record;

    split(line, &d);
    text_add(&answer, "{");
    json_member(&answer, "nonce", nonce ? nonce : "");
    execute(&d, limit_ms);
    record = record_get();
    if (record.verdict == VERDICT_BLOCKED)
        json_member(&answer, "blocked", record.message);
    else if (record.verdict != VERDICT_PASS)
        json_member(&answer, "finding", record.message);
    text_add(&answer, "}\n");
    write_answer(&answer);
    if (!strcmp(d.words[0], "begin"))
        arena_reset(must_end);
}

void drive_run(struct entry *entries,
               size_t count,
               const char *nonce,
               unsigned limit_ms)
{
    static char line[2 * DRIVE_DATA + 64];

    known = entries;
    known_count = count;
    while (!must_end && fgets(line, sizeof line, stdin))
        answer_line(line, nonce, limit_ms);
    if (!must_end) {
        guard_open(harness.entry, harness.entry ? &row : NULL, limit_ms);
        end_sequence();
        guard_close();
    }
}
