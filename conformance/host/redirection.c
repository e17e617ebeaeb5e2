#include "redirection.h"

#include "callback.h"
#include "catalogue.h"
#include "catalogue_function.h"
#include "import_table.h"

#include <string.h>

static FARPROC WINAPI redirected_get_proc_address(HMODULE module, LPCSTR name);

#define WS2_32 "ws2_32.dll"

/* Addresses are compared where there is one, so that it does not matter how something
 * is imported. Not every ws2_32 exports all of it: Wine's lacks the forms for 32 bit.
 */
static struct redirected {
    const char *dll;
    const char *name;
    FARPROC replacement;
    FARPROC original; /* NULL: not exported here */
} redirected[] = {
    {WS2_32, "WSCEnumProtocols", (FARPROC)(void *)catalogue_enum_protocols, NULL},
    {WS2_32, "WSCEnumProtocols32", (FARPROC)(void *)catalogue_enum_protocols, NULL},
    {WS2_32, "WSCGetProviderPath", (FARPROC)(void *)catalogue_get_provider_path, NULL},
    {WS2_32,
     "WSCGetProviderPath32",
     (FARPROC)(void *)catalogue_get_provider_path,
     NULL},
    {WS2_32,
     "WPUCompleteOverlappedRequest",
     (FARPROC)(void *)callback_complete_overlapped_request,
     NULL},
    {"kernel32.dll",
     "GetProcAddress",
     (FARPROC)(void *)redirected_get_proc_address,
     NULL},
    {"kernelbase.dll",
     "GetProcAddress",
     (FARPROC)(void *)redirected_get_proc_address,
     NULL},
};

#define REDIRECTED (sizeof redirected / sizeof redirected[0])

static HMODULE ws2_32;

static FARPROC replacement_at(FARPROC address)
{
    for (size_t i = 0; i < REDIRECTED; ++i)
        if (address && redirected[i].original == address)
            return redirected[i].replacement;
    return NULL;
}

static FARPROC replacement_named(const char *dll, const char *name)
{
    for (size_t i = 0; i < REDIRECTED; ++i)
        if (!_stricmp(redirected[i].dll, dll) && !strcmp(redirected[i].name, name))
            return redirected[i].replacement;
    return NULL;
}

/* --- GetProcAddress --------------------------------------------------------------- */

static FARPROC WINAPI redirected_get_proc_address(HMODULE module, LPCSTR name)
{
    FARPROC found = GetProcAddress(module, name);
    FARPROC replacement = replacement_at(found);

    if (!found && module == ws2_32 && !IS_INTRESOURCE(name))
        replacement = replacement_named(WS2_32, name);
    return replacement ? replacement : found;
}

/* --- Imports ---------------------------------------------------------------------- */

static FARPROC replacement_of(const struct import *import)
{
    FARPROC replacement = replacement_at(*import->slot);

    if (replacement)
        return replacement;
    /* Delayed, or not exported: the slot leads elsewhere. */
    if (import->name)
        return replacement_named(import->dll, import->name);
    if (import->ordinal && !_stricmp(import->dll, WS2_32))
        return replacement_at(
            GetProcAddress(ws2_32, MAKEINTRESOURCEA(import->ordinal)));
    return NULL;
}

static void redirect(const struct import *import)
{
    FARPROC replacement = replacement_of(import);
    DWORD protection;

    if (replacement &&
        VirtualProtect(
            import->slot, sizeof *import->slot, PAGE_READWRITE, &protection)) {
        *import->slot = replacement;
        VirtualProtect(import->slot, sizeof *import->slot, protection, &protection);
    }
}

/* --- Modules ---------------------------------------------------------------------- */

/* As documented for LdrRegisterDllNotification; no header declares it. */
struct name {
    USHORT length; /* in bytes */
    USHORT capacity;
    const wchar_t *text;
};

struct loaded {
    ULONG flags;
    const struct name *path;
    const struct name *file;
    void *base;
    ULONG size;
};

#define DLL_LOADED 1

typedef LONG(NTAPI *register_notification)(
    ULONG flags,
    void(CALLBACK *notified)(ULONG reason, const struct loaded *what, void *context),
    void *context,
    void **cookie);

/* The system's DLLs keep what they import, unless one is listed in our catalogue. */
static bool comes_with_system(const struct name *path)
{
    wchar_t windows[MAX_PATH];
    UINT length = GetSystemWindowsDirectoryW(windows, MAX_PATH);
    size_t characters = path->length / sizeof *path->text;

    return length < characters && !_wcsnicmp(windows, path->text, length) &&
           path->text[length] == L'\\' && !catalogue_has_path(path->text, characters);
}

/* Windows 8 and later, and Wine, call this when the imports are resolved and before
 * the module's own code runs. */
static void CALLBACK notified(ULONG reason, const struct loaded *what, void *context)
{
    (void)context;
    if (reason == DLL_LOADED && !comes_with_system(what->path))
        import_table_each((HMODULE)what->base, redirect);
}

bool redirection_open(void)
{
    register_notification notify = (register_notification)(void *)GetProcAddress(
        GetModuleHandleW(L"ntdll.dll"), "LdrRegisterDllNotification");
    void *cookie;

    ws2_32 = GetModuleHandleW(L"ws2_32.dll");
    for (size_t i = 0; i < REDIRECTED; ++i)
        redirected[i].original =
            GetProcAddress(GetModuleHandleA(redirected[i].dll), redirected[i].name);
    return notify && notify(0, notified, NULL, &cookie) >= 0;
}
