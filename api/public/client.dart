// A calm walk, in a Dart or Flutter application: no key, no account, no package.
import 'dart:convert';
import 'dart:io';

Future<(List<dynamic> line, List<String> reasons)> calmWalk(
    Uri service, (double, double) from, (double, double) to) async {
  final url = service.replace(path: '${service.path}/public/v1/walk', queryParameters: {
    'from': '${from.$1},${from.$2}',
    'to': '${to.$1},${to.$2}',
  });
  final client = HttpClient();
  try {
    final answer = await (await client.getUrl(url)).close();
    final told = jsonDecode(await answer.transform(utf8.decoder).join());
    if (answer.statusCode == HttpStatus.tooManyRequests) {
      throw HttpException('Ask again in ${answer.headers.value('retry-after')} s');
    }
    if (answer.statusCode != HttpStatus.ok) throw HttpException(told['detail']);
    final calm = (told['features'] as List).firstWhere((feature) => feature['id'] == 'calm');
    return (
      calm['geometry']['coordinates'] as List<dynamic>,
      List<String>.from(calm['properties']['reasons_th']),
    );
  } finally {
    client.close();
  }
}
