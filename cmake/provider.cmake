# add_provider(NAME DEFINITION_FILE SOURCE...): a provider DLL. The .def file names what
# it exports; on i386 it finds the decorated functions by stdcall-fixup.
function(add_provider name definition)
    add_library(${name} MODULE ${ARGN} ${definition})
    target_link_libraries(${name} PRIVATE ws2_32)
    if(CMAKE_SIZEOF_VOID_P EQUAL 4)
        target_link_options(${name} PRIVATE -Wl,--enable-stdcall-fixup)
    endif()
endfunction()
