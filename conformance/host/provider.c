#include "provider.h"

#include "catalogue.h"
#include "convention.h"
#include "error_name.h"
#include "guard.h"
#include "module_threads.h"
#include "proc_table.h"
#include "record.h"
#include "redirection.h"
#include "upcall.h"
#include "windows_error.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define POISON_BYTE 0xCC

/* Tables that may be in use at a time. */
#define STARTS 256

/* What was given to WSPStartup. A provider that writes there later changes nothing. */
static struct {
    WSPPROC_TABLE table;
    WSPDATA data;
} given[STARTS];
static unsigned starts;

static HMODULE module;
static LPWSPSTARTUP startup;
static const char *phase;
static bool went_wrong;

/* Many a layer tells by this export under which ProviderId it looks for itself. */
static void ask_for_guid(void)
{
    void(WSPAPI * get)(GUID *) =
        (void(WSPAPI *)(GUID *))(void *)GetProcAddress(module, "GetLspGuid");
    GUID guid;

    if (!get)
        return;
    phase = "in GetLspGuid";
    get(&guid);
    phase = NULL;
    catalogue_identify(&guid);
}

bool provider_load(const wchar_t *path, struct text *why)
{
    if (!redirection_open()) {
        text_add(why, "this system does not tell when a DLL is loaded");
        return false;
    }
    phase = "while the DLL was loaded";
    guard_note_faults(NULL, SIZE_MAX);
    module = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    phase = NULL;
    if (!module) {
        DWORD error = GetLastError();

        text_add(why, "%ls cannot be loaded: ", path);
        went_wrong = guard_noted_fault(why);
        if (went_wrong)
            text_add(why, ", while the DLL was loaded");
        else
            windows_error_add(why, error, path);
        return false;
    }
    guard_note_faults(NULL, 0);
    ask_for_guid();
    startup = (LPWSPSTARTUP)(void *)GetProcAddress(module, "WSPStartup");
    if (!startup)
        text_add(why,
                 "%ls exports no WSPStartup: it is no transport service provider",
                 path);
    return startup != NULL;
}

int provider_startup(const struct entry *entry,
                     WORD version,
                     WSPDATA *data,
                     WSPPROC_TABLE *table)
{
    /* A copy, since the provider may write into it. */
    WSAPROTOCOL_INFOW info = entry->info;
    unsigned start = starts++ % STARTS;
    int error;

    memset(&given[start].table, POISON_BYTE, sizeof *table);
    memset(&given[start].data, 0, sizeof *data);
    phase = "in WSPStartup";
    error = convention_startup(startup)(
        version, &given[start].data, &info, *upcall_table(), &given[start].table);
    phase = NULL;
    *table = given[start].table;
    *data = given[start].data;
    return error;
}

bool provider_table_complete(const WSPPROC_TABLE *table, struct text *why)
{
    unsigned missing = 0;
    UINT_PTR poison;
    char names[1024] = "";
    struct text list = TEXT_IN(names);

    memset(&poison, POISON_BYTE, sizeof poison);
    for (size_t i = 0; i < PROC_TABLE_SLOTS; ++i) {
        UINT_PTR slot;

        memcpy(&slot, (const char *)table + i * sizeof slot, sizeof slot);
        if (slot && slot != poison)
            continue;
        text_add(&list,
                 "%s%s (%s)",
                 missing++ ? ", " : "",
                 proc_table_name(i),
                 slot ? "never written" : "NULL");
    }
    if (missing)
        text_add(why,
                 "WSPStartup reported success but left %u of the %d slots of "
                 "WSPPROC_TABLE empty: %s",
                 missing,
                 PROC_TABLE_SLOTS,
                 names);
    return !missing;
}

/* What was found although no case is open that it could be a finding of. */
static bool found_nothing(struct text *why)
{
    if (record_clean())
        return true;
    text_add(why, "%s", record_get().message);
    went_wrong = true;
    return false;
}

bool provider_start_entry(struct entry *entry, struct text *why)
{
    int error;

    record_reset("", 0);
    error = provider_startup(entry, MAKEWORD(2, 2), &entry->data, &entry->table);
    if (!found_nothing(why)) {
        text_add(why, ", when it was started for entry %s", entry->id);
        return false;
    }
    if (error) {
        const char *name = error_name(error);

        text_add(why,
                 "WSPStartup for entry %s failed with %s (%d)",
                 entry->id,
                 name ? name : "an undocumented code",
                 error);
        return false;
    }
    entry->started = true;
    went_wrong = !provider_table_complete(&entry->table, why);
    return !went_wrong;
}

bool provider_went_wrong(void)
{
    return went_wrong;
}

void provider_cleanup(WSPPROC_TABLE *table, const char *when)
{
    int error;

    phase = when;
    convention_target = table;
    convention_table.lpWSPCleanup(&error);
    phase = NULL;
}

bool provider_unload(struct entry *entries, size_t count, struct text *why)
{
    record_reset("", 0);
    for (size_t i = 0; i < count; ++i) {
        if (entries[i].started)
            provider_cleanup(&entries[i].table, "in WSPCleanup after the last case");
        entries[i].started = false;
    }
    if (!found_nothing(why)) {
        text_add(why, ", in WSPCleanup after the last case");
        return false;
    }
    module_threads_note(module);
    guard_note_faults(module, module_size(module));
    phase = "while the DLL was freed after the last case";
    FreeLibrary(module);
    phase = "after the DLL was freed";
    if (guard_noted_fault(why)) {
        text_add(why, ", while the DLL was freed after the last case");
        return false;
    }
    return module_threads_ended(module, why);
}

const char *provider_phase(void)
{
    return phase;
}
