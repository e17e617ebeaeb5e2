#include "command.h"

#include "applicability.h"
#include "batch.h"
#include "belongings.h"
#include "catalogue.h"
#include "drive.h"
#include "glob.h"
#include "guard.h"
#include "host_side.h"
#include "kernel_object.h"
#include "peer.h"
#include "provider.h"
#include "report.h"
#include "running.h"
#include "trace.h"
#include "wire_mark.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES 64
#define PATTERNS 64
#define DEFAULT_LIMIT_MS 10000
#define DEFAULT_MEMORY_MIB 512

/* What loading the DLL and WSPStartup may take; to unload it, what a case may. */
#define START_LIMIT_MS 10000

static struct {
    const char *dll;
    struct entry entries[ENTRIES];
    size_t entry_count;
    const char *patterns[PATTERNS];
    size_t pattern_count;
    const char *jobs_file;
    const char *address4;
    const char *address6;
    const char *results;
    const char *nonce;
    const char *nonces;
    unsigned limit_ms;
    bool wire;
    unsigned memory_mib;
} options = {.address4 = "127.0.0.1",
             .address6 = "::1",
             .limit_ms = DEFAULT_LIMIT_MS,
             .memory_mib = DEFAULT_MEMORY_MIB};

static struct job *jobs;
static size_t job_count;

static void *allocate(size_t size)
{
    void *memory = calloc(1, size ? size : 1);

    if (!memory)
        abort();
    return memory;
}

char **command_arguments(int count, wchar_t **wide)
{
    char **arguments = allocate(((size_t)count + 1) * sizeof *arguments);

    for (int i = 0; i < count; ++i) {
        int size = WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, NULL, 0, NULL, NULL);

        arguments[i] = allocate((size_t)size);
        WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, arguments[i], size, NULL, NULL);
    }
    return arguments;
}

static wchar_t *wide_path(const char *path)
{
    int size = MultiByteToWideChar(CP_UTF8, 0, path, -1, NULL, 0);
    wchar_t *wide = allocate((size_t)size * sizeof *wide);
    wchar_t *full;
    DWORD length;

    MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, size);
    length = GetFullPathNameW(wide, 0, NULL, NULL);
    full = allocate(((size_t)length + 1) * sizeof *full);
    GetFullPathNameW(wide, length + 1, full, NULL);
    free(wide);
    return full;
}

/* Stores what is simply a text; false: no such option. */
static bool set_text(const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **place;
    } texts[] = {
        {"--dll", &options.dll},
        {"--jobs-file", &options.jobs_file},
        {"--address4", &options.address4},
        {"--address6", &options.address6},
        {"--results", &options.results},
        {"--nonce", &options.nonce},
        {"--nonces", &options.nonces},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; ++i)
        if (!strcmp(texts[i].name, name)) {
            *texts[i].place = value;
            return true;
        }
    return false;
}

static bool set_entry(const char *spec, struct text *why)
{
    struct entry *entry = &options.entries[options.entry_count];

    if (catalogue_has_below())
        return catalogue_add_entry(spec, why);
    if (options.entry_count == ENTRIES) {
        text_add(why, "more than %d entries", ENTRIES);
        return false;
    }
    if (!entry_parse(entry, spec, why))
        return false;
    ++options.entry_count;
    return true;
}

static bool
set_number(unsigned *number, const char *name, const char *value, struct text *why)
{
    char *end;

    *number = (unsigned)strtoul(value, &end, 10);
    if (*number && !*end)
        return true;
    text_add(why, "%s: `%s` is no number above 0", name, value);
    return false;
}

static bool set_option(const char *name, const char *value, struct text *why)
{
    if (set_text(name, value))
        return true;
    if (!strcmp(name, "--entry"))
        return set_entry(value, why);
    if (!strcmp(name, "--below"))
        return catalogue_add_below(wide_path(value), why);
    if (!strcmp(name, "--guid"))
        return catalogue_set_guid(value, why);
    if (!strcmp(name, "--case") && options.pattern_count < PATTERNS) {
        options.patterns[options.pattern_count++] = value;
        return true;
    }
    if (!strcmp(name, "--dialect") && !strcmp(value, "ce")) {
        claim_dialect(WINDOWS_CE);
        return true;
    }
    if (!strcmp(name, "--platform") && !strcmp(value, "windows2000")) {
        claim_windows_2000();
        return true;
    }
    if (!strcmp(name, "--limit-ms"))
        return set_number(&options.limit_ms, name, value, why);
    if (!strcmp(name, "--memory-mib"))
        return set_number(&options.memory_mib, name, value, why);
    if (!strcmp(name, "--rounds")) {
        unsigned most = 0;
        bool known = set_number(&most, name, value, why) && most <= INT_MAX;

        rounds_limit((int)most);
        return known;
    }
    text_add(why, "unknown option %s", name);
    return false;
}

/* An option without a value; false: no such. */
static bool set_switch(const char *name)
{
    if (!strcmp(name, "--wire"))
        options.wire = true;
    else if (!strcmp(name, "--faults"))
        claim_fault_extension();
    else
        return false;
    return true;
}

static bool parse(int count, char **arguments, struct text *why)
{
    for (int i = 0; i < count; i += 2) {
        if (set_switch(arguments[i])) {
            --i;
            continue;
        }
        if (i + 1 == count) {
            text_add(why, "%s needs a value", arguments[i]);
            return false;
        }
        if (!set_option(arguments[i], arguments[i + 1], why))
            return false;
    }
    if (!options.dll || !options.entry_count)
        text_add(why, "needed are --dll and at least one --entry");
    return !why->size;
}

static bool selected(const char *id)
{
    bool match = !options.pattern_count;

    for (size_t i = 0; i < options.pattern_count && !match; ++i)
        match = glob_matches(options.patterns[i], id);
    return match;
}

static struct entry *find_entry(const char *id)
{
    for (size_t i = 0; i < options.entry_count; ++i)
        if (!strcmp(options.entries[i].id, id))
            return &options.entries[i];
    return NULL;
}

static void add_job(struct entry *entry, const struct case_row *row)
{
    if (!(job_count & (job_count - 1))) {
        size_t capacity = job_count ? 2 * job_count : 1;

        jobs = realloc(jobs, capacity * sizeof *jobs);
        if (!jobs)
            abort();
    }
    jobs[job_count++] = (struct job){entry, row};
}

/* Every selected case on every entry. */
static void select_all(void)
{
    for (size_t i = 0; i < options.entry_count; ++i)
        for (size_t j = 0; j < registry_count(); ++j)
            if (selected(registry_at(j)->id))
                add_job(&options.entries[i], registry_at(j));
}

static bool read_jobs(struct text *why)
{
    wchar_t *path = wide_path(options.jobs_file);
    FILE *file = _wfopen(path, L"r");
    char entry_id[64], case_id[256];
    int fields;

    free(path);
    if (!file) {
        text_add(why, "%s cannot be read", options.jobs_file);
        return false;
    }
    while ((fields = fscanf(file, "%63s %255s", entry_id, case_id)) == 2) {
        struct entry *entry = find_entry(entry_id);
        const struct case_row *row = registry_find(case_id);

        if (!entry || !row) {
            text_add(why, "--jobs-file: no such job: %s %s", entry_id, case_id);
            break;
        }
        if (selected(case_id))
            add_job(entry, row);
    }
    if (fields == 1)
        text_add(why, "--jobs-file: a line without case: %s", entry_id);
    fclose(file);
    return !why->size;
}

static bool select_jobs(struct text *why)
{
    registry_open();
    if (options.jobs_file) {
        if (!read_jobs(why))
            return false;
    } else {
        select_all();
    }
    if (!job_count)
        text_add(why, "no case is selected");
    return job_count != 0;
}

static bool start_provider(const wchar_t *path, struct text *why)
{
    bool started;

    guard_open(NULL, NULL, START_LIMIT_MS);
    windows_prepare();
    started = catalogue_build(options.entries, options.entry_count, path, why) &&
              provider_load(path, why);
    for (size_t i = 0; i < options.entry_count && started; ++i)
        started = provider_start_entry(&options.entries[i], why);
    belongings_note_settings();
    guard_close();
    return started;
}

/* The file is deleted, so that the provider does not find it. */
static bool read_nonces(const char **nonces)
{
    wchar_t *path = wide_path(options.nonces);
    FILE *file = _wfopen(path, L"rb");
    char *text = NULL;
    long size;

    if (file && !fseek(file, 0, SEEK_END) && (size = ftell(file)) >= 0) {
        text = allocate((size_t)size + 1);
        rewind(file);
        text[fread(text, 1, (size_t)size, file)] = '\0';
    }
    if (file)
        fclose(file);
    DeleteFileW(path);
    free(path);
    *nonces = text;
    return text != NULL;
}

static bool prepare(int count, char **arguments, struct text *why)
{
    const char *nonces = NULL;
    wchar_t *results;

    if (!parse(count, arguments, why))
        return false;
    results = options.results ? wide_path(options.results) : NULL;
    if (options.nonces && !read_nonces(&nonces)) {
        text_add(why, "--nonces: %s cannot be read", options.nonces);
        return false;
    }
    if (!report_open(results, nonces)) {
        text_add(why, "%s cannot be written", options.results);
        return false;
    }
    if (!peer_open(options.address4, options.address6)) {
        text_add(why,
                 "%s and %s are not an IPv4 and an IPv6 address",
                 options.address4,
                 options.address6);
        return false;
    }
    if (options.wire && !wire_open(options.address4, options.nonce)) {
        text_add(why, "--wire: no sockets for marks could be made");
        return false;
    }
    return true;
}

int command_probe(int count, char **arguments)
{
    char message[2048] = "";
    struct text why = TEXT_IN(message);
    struct probe probe;
    const wchar_t *path;
    bool loaded;

    trace_reset();
    if (!prepare(count, arguments, &why)) {
        report_fatal(message, false);
        return EXIT_FATAL;
    }
    guard_start((size_t)options.memory_mib << 20);
    belongings_watch();
    path = wide_path(options.dll);
    guard_open(NULL, NULL, START_LIMIT_MS);
    loaded = catalogue_build(options.entries, options.entry_count, path, &why) &&
             provider_load(path, &why);
    guard_close();
    if (!loaded) {
        report_fatal(message, provider_went_wrong());
        guard_end_process(EXIT_FATAL);
    }
    for (size_t i = 0; i < options.entry_count; ++i) {
        guard_open(NULL, NULL, START_LIMIT_MS);
        probe_entry(&options.entries[i], &probe);
        guard_close();
        report_probe(&options.entries[i], &probe);
    }
    guard_end_process(EXIT_ALL_PASSED);
}

static int exit_code(void)
{
    if (report_is_text() && report_count(VERDICT_FAIL))
        return EXIT_DEVIATIONS;
    return EXIT_ALL_PASSED;
}

/* Parses, and starts the provider; false: that failed, and is reported. */
static bool begin(int count, char **arguments, bool (*select)(struct text *why))
{
    char message[2048] = "";
    struct text why = TEXT_IN(message);

    trace_reset();
    if (!prepare(count, arguments, &why) || (select && !select(&why))) {
        report_fatal(message, false);
        return false;
    }
    guard_start((size_t)options.memory_mib << 20);
    belongings_watch();
    if (!start_provider(wide_path(options.dll), &why)) {
        report_fatal(message, provider_went_wrong());
        guard_end_process(EXIT_FATAL);
    }
    report_hello(options.dll, options.entries, options.entry_count);
    return true;
}

static void end(void)
{
    char message[2048] = "";
    struct text why = TEXT_IN(message);
    bool unloaded;

    guard_open(NULL, NULL, options.limit_ms);
    unloaded = provider_unload(options.entries, options.entry_count, &why);
    guard_close();
    if (unloaded)
        return;
    report_fatal(message, true);
    guard_end_process(EXIT_FATAL);
}

int command_run(int count, char **arguments)
{
    if (!begin(count, arguments, select_jobs))
        return EXIT_FATAL;
    if (!batch_run(jobs, job_count, options.limit_ms)) {
        report_fatal("CUnit cannot run a test", false);
        guard_end_process(EXIT_FATAL);
    }
    end();
    report_bye((unsigned)job_count);
    /* Not by way of exit: a provider may have left threads or hooks behind. */
    guard_end_process((unsigned)exit_code());
}

int command_drive(int count, char **arguments)
{
    if (!begin(count, arguments, NULL))
        return EXIT_FATAL;
    drive_run(options.entries, options.entry_count, options.nonce, options.limit_ms);
    end();
    guard_end_process(EXIT_ALL_PASSED);
}
