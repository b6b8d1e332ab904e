import { Converter, makeRecursiveVisitor, ReflectionKind } from 'typedoc'

/** Omits properties of the type `undefined`: they only exclude a field from one variant of a union. */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const property of project.getReflectionsByKind(ReflectionKind.Property)) {
      if (isUndefined(property.type)) project.removeReflection(property)
    }
    for (const { type } of project.getReflectionsByKind(ReflectionKind.TypeAlias)) {
      type?.visit(makeRecursiveVisitor({ intersection: (types) => removeEmpty(project, types) }))
    }
  })
}

function isUndefined(type) {
  return type?.type === 'intrinsic' && type.name === 'undefined'
}

/** Removes the members of an intersection that have no properties left. */
function removeEmpty(project, intersection) {
  for (const type of intersection.types) {
    if (type.type !== 'reflection' || type.declaration.children?.length) continue
    project.removeReflection(type.declaration)
    intersection.types = intersection.types.filter((other) => other !== type)
  }
}
