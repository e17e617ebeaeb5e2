#include "redirection.h"

#include "upcall.h"

#include <psapi.h>
#include <string.h>

#define MODULES 512

static HMODULE known[MODULES];
static unsigned known_count;
static FARPROC original, get_proc_address;

static unsigned list_modules(HMODULE *modules)
{
    DWORD size = 0;

    if (!EnumProcessModules(
            GetCurrentProcess(), modules, MODULES * sizeof *modules, &size))
        return 0;
    size /= sizeof *modules;
    return size < MODULES ? size : MODULES;
}

void redirection_note_modules(void)
{
    HMODULE ws2_32 = GetModuleHandleW(L"ws2_32.dll");

    original = GetProcAddress(ws2_32, "WPUCompleteOverlappedRequest");
    get_proc_address =
        GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "GetProcAddress");
    known_count = list_modules(known);
}

static bool is_known(HMODULE module)
{
    for (unsigned i = 0; i < known_count; ++i)
        if (known[i] == module)
            return true;
    return false;
}

static bool comes_with_system(HMODULE module)
{
    wchar_t system[MAX_PATH], path[MAX_PATH];
    UINT length = GetSystemDirectoryW(system, MAX_PATH);

    return GetModuleFileNameW(module, path, MAX_PATH) &&
           !_wcsnicmp(system, path, length);
}

static FARPROC WINAPI redirected_get_proc_address(HMODULE module, LPCSTR name)
{
    FARPROC found = GetProcAddress(module, name);

    if (found && found == original)
        return (FARPROC)(void *)upcall_complete_overlapped_request;
    return found;
}

static void replace(FARPROC *slot)
{
    FARPROC replacement;
    DWORD protection;

    if (*slot && *slot == original)
        replacement = (FARPROC)(void *)upcall_complete_overlapped_request;
    else if (*slot && *slot == get_proc_address)
        replacement = (FARPROC)(void *)redirected_get_proc_address;
    else
        return;
    if (VirtualProtect(slot, sizeof *slot, PAGE_READWRITE, &protection)) {
        *slot = replacement;
        VirtualProtect(slot, sizeof *slot, protection, &protection);
    }
}

/* Compares addresses, not names, so it does not matter how something was imported. */
static void redirect(HMODULE module)
{
    char *base = (char *)module;
    const IMAGE_DOS_HEADER *dos = (const IMAGE_DOS_HEADER *)base;
    const IMAGE_NT_HEADERS *nt = (const IMAGE_NT_HEADERS *)(base + dos->e_lfanew);
    const IMAGE_DATA_DIRECTORY *directory =
        &nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
    const IMAGE_IMPORT_DESCRIPTOR *import;

    if (!directory->VirtualAddress)
        return;
    import = (const IMAGE_IMPORT_DESCRIPTOR *)(base + directory->VirtualAddress);
    for (; import->Name; ++import)
        for (FARPROC *slot = (FARPROC *)(base + import->FirstThunk); *slot; ++slot)
            replace(slot);
}

void redirection_apply(void)
{
    HMODULE modules[MODULES];
    unsigned count = list_modules(modules);

    for (unsigned i = 0; i < count; ++i) {
        if (is_known(modules[i]) || comes_with_system(modules[i]))
            continue;
        redirect(modules[i]);
        if (known_count < MODULES)
            known[known_count++] = modules[i];
    }
}
