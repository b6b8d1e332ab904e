import { Converter, makeRecursiveVisitor, ReflectionKind } from 'typedoc'

/**
 * Leaves out what the types name only to refuse it, such as the options of axios that fetch cannot honour: a property
 * whose type is `undefined` and nothing else is none that anybody could set.
 */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const property of project.getReflectionsByKind(ReflectionKind.Property)) {
      if (isUndefined(property.type)) project.removeReflection(property)
    }
    for (const { type } of project.getReflectionsByKind(ReflectionKind.TypeAlias)) {
      type?.visit(makeRecursiveVisitor({ intersection: (types) => removeEmpty(project, types) }))
    }
    for (const owner of project.getReflectionsByKind(ReflectionKind.Interface)) {
      owner.extendedTypes = owner.extendedTypes?.filter(({ name }) => name !== 'RefusedOptions')
    }
  })
}

function isUndefined(type) {
  return type?.type === 'intrinsic' && type.name === 'undefined'
}

/** What is left of a part of an intersection that did nothing but refuse. */
function removeEmpty(project, intersection) {
  for (const type of intersection.types) {
    if (type.type !== 'reflection' || type.declaration.children?.length) continue
    project.removeReflection(type.declaration)
    intersection.types = intersection.types.filter((other) => other !== type)
  }
}
