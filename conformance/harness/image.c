/* What an image that is loaded says of itself: its headers and its imports. */
#include "spi_case.h"

static const BYTE *at(HMODULE image, DWORD offset)
{
    return (const BYTE *)image + offset;
}

static const IMAGE_OPTIONAL_HEADER *header_of(HMODULE image)
{
    const IMAGE_DOS_HEADER *dos = (const void *)image;
    const IMAGE_NT_HEADERS *headers = (const void *)at(image, (DWORD)dos->e_lfanew);

    return &headers->OptionalHeader;
}

HMODULE image_of(const void *function)
{
    HMODULE image = NULL;

    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                           GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                       function,
                       &image);
    return image;
}

WORD image_oldest_windows(HMODULE image)
{
    const IMAGE_OPTIONAL_HEADER *header = header_of(image);

    return MAKEWORD(header->MajorSubsystemVersion, header->MinorSubsystemVersion);
}

bool image_import(HMODULE image, size_t index, struct import *import)
{
    const IMAGE_DATA_DIRECTORY *directory =
        &header_of(image)->DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
    const IMAGE_IMPORT_DESCRIPTOR *library;

    if (!directory->Size)
        return false;
    for (library = (const void *)at(image, directory->VirtualAddress); library->Name;
         ++library) {
        /* The names; the other list holds addresses once the image is bound. */
        const IMAGE_THUNK_DATA *thunk =
            (const void *)at(image, library->OriginalFirstThunk);

        for (; thunk->u1.AddressOfData; ++thunk) {
            if (index--)
                continue;
            import->library = (const char *)at(image, library->Name);
            import->name = NULL;
            if (!IMAGE_SNAP_BY_ORDINAL(thunk->u1.Ordinal)) {
                const IMAGE_IMPORT_BY_NAME *by_name =
                    (const void *)at(image, (DWORD)thunk->u1.AddressOfData);

                import->name = (const char *)by_name->Name;
            }
            return true;
        }
    }
    return false;
}
