#include "import_table.h"

static const IMAGE_DATA_DIRECTORY *directory(const char *base, unsigned which)
{
    const IMAGE_DOS_HEADER *dos = (const IMAGE_DOS_HEADER *)base;
    const IMAGE_NT_HEADERS *nt = (const IMAGE_NT_HEADERS *)(base + dos->e_lfanew);

    return &nt->OptionalHeader.DataDirectory[which];
}

/* `names` runs beside the slots, NULL: there are no names. */
static void visit_slots(char *base,
                        const char *dll,
                        const IMAGE_THUNK_DATA *names,
                        FARPROC *slot,
                        void (*visit)(const struct import *import))
{
    for (; *slot && (!names || names->u1.AddressOfData); ++slot) {
        struct import import = {.dll = dll, .slot = slot};

        if (names && IMAGE_SNAP_BY_ORDINAL(names->u1.Ordinal))
            import.ordinal = (WORD)IMAGE_ORDINAL(names->u1.Ordinal);
        else if (names)
            import.name =
                (const char *)((const IMAGE_IMPORT_BY_NAME *)(base +
                                                              names->u1.AddressOfData))
                    ->Name;
        visit(&import);
        names += names != NULL;
    }
}

static void visit_imports(char *base, void (*visit)(const struct import *import))
{
    const IMAGE_DATA_DIRECTORY *table = directory(base, IMAGE_DIRECTORY_ENTRY_IMPORT);
    const IMAGE_IMPORT_DESCRIPTOR *from;

    if (!table->VirtualAddress)
        return;
    from = (const IMAGE_IMPORT_DESCRIPTOR *)(base + table->VirtualAddress);
    for (; from->Name; ++from)
        visit_slots(base,
                    base + from->Name,
                    from->OriginalFirstThunk
                        ? (const IMAGE_THUNK_DATA *)(base + from->OriginalFirstThunk)
                        : NULL,
                    (FARPROC *)(base + from->FirstThunk),
                    visit);
}

/* Of the form that linkers have written since 1998, with addresses that are relative
 * to the module. */
static void visit_delayed(char *base, void (*visit)(const struct import *import))
{
    const IMAGE_DATA_DIRECTORY *table =
        directory(base, IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT);
    const IMAGE_DELAYLOAD_DESCRIPTOR *from;

    if (!table->VirtualAddress)
        return;
    from = (const IMAGE_DELAYLOAD_DESCRIPTOR *)(base + table->VirtualAddress);
    for (; from->DllNameRVA; ++from)
        if (from->Attributes.RvaBased)
            visit_slots(base,
                        base + from->DllNameRVA,
                        (const IMAGE_THUNK_DATA *)(base + from->ImportNameTableRVA),
                        (FARPROC *)(base + from->ImportAddressTableRVA),
                        visit);
}

void import_table_each(HMODULE module, void (*visit)(const struct import *import))
{
    visit_imports((char *)module, visit);
    visit_delayed((char *)module, visit);
}
